/// The style sheets of pages and plots: light and dark by what the reader prefers, and for paper.
enum PageStyle {
  /// For an SVG file of its own, and for a page.
  ///
  /// The colors are Okabe and Ito's, which people with color blindness tell apart, made lighter in the dark.
  static let plot = """
    svg.plot{--ink:#1b1f24;--faint:#d5d9de;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#a8488a;\
    --c4:#9a7400;--c5:#3f8fc4;--c6:#5a5f66;--c7:#7a4f2a;--size:13px;font-family:system-ui,sans-serif}
    @media(prefers-color-scheme:dark){svg.plot{--ink:#e4e7ea;--faint:#3a4048;--c0:#5ab4e8;\
    --c1:#f08c4a;--c2:#3fc9a0;--c3:#dd8fc3;--c4:#e0b93c;--c5:#9ccff0;--c6:#a5abb3;--c7:#c9976a}}
    .plot .axis{stroke:var(--ink);stroke-width:1}.plot .grid{stroke:var(--faint);stroke-width:1}
    .plot .mark,.plot .title{fill:var(--ink)}.plot text{font-size:var(--size)}
    .plot .curve{fill:none;stroke-width:2.2;stroke-linejoin:round}.plot .dashed{stroke-dasharray:6 4}
    \((0..<8).map { ".plot .s\($0){stroke:var(--c\($0))}.plot .f\($0){fill:var(--c\($0))}" }.joined(separator: "\n"))

    """

  /// For a whole page; includes that of plots.
  static let page =
    plot.replacing("svg.plot{", with: ":root{") + """
      :root{color-scheme:light dark;--paper:#fff;--soft:#f3f5f7;--good:#0a6b3d;--bad:#b3261e}
      @media(prefers-color-scheme:dark){:root{--paper:#15181c;--soft:#1f242a;--good:#5fd39a;--bad:#ff8f85}}
      *{box-sizing:border-box}
      body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
      main,header,footer{max-width:70rem;margin:0 auto;padding:0 1rem}
      h1{font-size:1.7rem;line-height:1.2;margin:1.5rem 0 .3rem;overflow-wrap:anywhere}
      h2{font-size:1.2rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--faint)}
      p{margin:.5rem 0}.note{opacity:.85;font-size:.9rem;max-width:46rem}
      h3{font-size:1rem;margin:1.2rem 0 .5rem}
      .plots .plot{--size:17px}@media(max-width:640px){.plot{--size:17px}}
      figure{margin:0}figcaption{font-size:.9rem;opacity:.85}
      .plot{width:100%;height:auto;max-height:26rem;display:block}
      .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1.2rem}
      .legend{font-size:.85rem;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.2rem 0}
      .legend span{overflow-wrap:anywhere}
      .key{display:inline-block;width:1.4rem;border-top:3px solid;vertical-align:middle;margin-right:.4rem}
      .key.dashed{border-top-style:dashed}
      .scroll{overflow-x:auto;max-width:100%}.scroll:focus-visible{outline:2px solid var(--c0)}
      table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
      th,td{text-align:left;padding:.25rem .7rem .25rem 0;border-bottom:1px solid var(--faint);vertical-align:top}
      th{font-weight:600}td.number,th.number{text-align:right}
      td.code,.code{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere;white-space:pre-wrap}
      .holds{color:var(--good);font-weight:600}.fails{color:var(--bad);font-weight:600}
      .cards{display:flex;flex-wrap:wrap;gap:.6rem}
      .card{background:var(--soft);border-radius:.5rem;padding:.5rem .9rem;min-width:8rem}
      .card b{display:block;font-size:1.35rem}.card span{font-size:.85rem}
      .bar{display:inline-block;height:.7em;background:var(--c0);min-width:1px}
      .samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:1rem}
      .samples figure{background:var(--soft);border-radius:.5rem;padding:.5rem}
      .samples img{width:30%;min-width:2.2rem;image-rendering:pixelated;margin-right:2%;aspect-ratio:1;object-fit:contain}
      .heat td{text-align:right;padding:.25rem .5rem;border:1px solid var(--faint)}
      .heat td{background:color-mix(in srgb,var(--c0) var(--share,0%),transparent)}
      @media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#fff;--faint:#bbb;--good:#000;--bad:#000}
      body{font-size:11pt}h2{break-after:avoid}
      figure,tr,.card{break-inside:avoid}.scroll{overflow:visible}}
      \((0..<8).map { ".key.c\($0){border-color:var(--c\($0))}" }.joined())

      """
}
