import Testing

@testable import XLABackend

/// The plugin that tests run on: the installed one for processors, or that of `LMTC_PJRT_PLUGIN`.
enum Plugin {
  /// The path; nil where none is installed, so that tests of it are skipped.
  static let path = try? PluginSearch().path(named: nil)

  static let isInstalled = path != nil

  /// Loaded and connected once for all tests.
  static let client = Result { try PJRTClient(plugin.get()) }

  static let plugin = Result { try PJRTPlugin(path: #require(path)) }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test where no plugin is installed.
  static var withPlugin: Self {
    .enabled(if: Plugin.isInstalled, "no PJRT plugin: install one by scripts/get-xla")
  }
}
