import Attacks
import Diagnostics

/// The test points with the smallest and the largest certified radii among those that are right, with the
/// nearest adversarial examples that attacks found of them.
struct SampleSection {
  private let run: RunRecord

  init(_ run: RunRecord) { self.run = run }

  var markup: Markup? {
    guard let picture = SamplePicture(shape: run.shape) else { return nil }
    let right = run.points.enumerated().filter { $1.isCorrect }.map { ($0, $1.radius) }
    let (least, most) = AttackResults.shownPlaces(right)
    let groups = [("Least robust", least), ("Most robust", most)].compactMap { title, places in
      let figures = places.compactMap { figure($0, picture) }
      return figures.isEmpty
        ? nil
        : Markup.group([
          .node("h3", [:], "\(title) of the points that are classified correctly"),
          .node("div", ["class": "samples"], figures),
        ])
    }
    guard !groups.isEmpty else { return nil }
    let note =
      run.adversarial.points.isEmpty
      ? "With 'certify.attacks' the nearest adversarial examples stand beside the samples."
      : "Sample, nearest adversarial example found, and their difference (gray is none)."
    return .section("Test points", groups + [.note(note)])
  }

  private func figure(_ place: Int, _ picture: SamplePicture) -> Markup? {
    guard let sample = run.sample(place) else { return nil }
    let point = run.points[place]
    let range = (sample.min() ?? 0)...(sample.max() ?? 1)
    var images = [picture.image(sample, over: range, "test point \(point.index)")]
    var facts = "point \(point.index), class \(point.label), certified \(radius(point))"
    if let found = run.adversarial.points[place] {
      images.append(picture.image(found, over: range, "adversarial example"))
      images.append(picture.difference(sample, found, "difference"))
    }
    if let distance = run.adversarial.distances[place] {
      facts += ", adversarial at \(NumberText.significant(distance, .up))"
    }
    return .node("figure", [:], images + [.node("figcaption", [:], facts)])
  }

  private func radius(_ point: RunRecord.Point) -> String {
    NumberText.significant(point.radius, .down)
  }
}
