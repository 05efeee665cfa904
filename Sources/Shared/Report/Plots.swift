extension HTML {
  /// Two bars per label, for shares from 0 to 1: the first in grey, the second in blue.
  ///
  /// - Parameters:
  ///   - first: what the grey bars are.
  ///   - second: what the blue bars are.
  ///   - name: what the chart shows, for people who can't see it.
  package static func pairedBars(
    _ bars: [(label: String, first: Double, second: Double)], first: String, second: String, name: String
  ) -> String {
    let most = max(bars.map { max($0.first, $0.second) }.max() ?? 0, 1e-9)
    let lines = bars.enumerated().map { place, bar in
      let y = 46 * place + 24
      func rect(_ share: Double, _ top: Int, _ colour: String) -> String {
        let width = Int(share / most * 370)
        return "<rect x=\"0\" y=\"\(top)\" width=\"\(width)\" height=\"11\" style=\"fill:\(colour)\"/>"
          + "<text x=\"\(width + 6)\" y=\"\(top + 10)\" font-size=\"11\">\(percent(share))</text>"
      }
      return "<text x=\"0\" y=\"\(y + 12)\">\(escaped(shortened(bar.label)))</text>"
        + rect(bar.first, y + 16, "#9a9a9a") + rect(bar.second, y + 28, "#1f6fb2") + "\n"
    }
    let key =
      "<rect x=\"0\" y=\"4\" width=\"11\" height=\"11\" style=\"fill:#9a9a9a\"/>"
      + "<text x=\"16\" y=\"14\" font-size=\"11\">\(escaped(first))</text>"
      + "<rect x=\"156\" y=\"4\" width=\"11\" height=\"11\" style=\"fill:#1f6fb2\"/>"
      + "<text x=\"172\" y=\"14\" font-size=\"11\">\(escaped(second))</text>\n"
    return
      "<svg viewBox=\"0 0 440 \(46 * bars.count + 28)\" width=\"440\" role=\"img\" "
      + "aria-label=\"\(escaped(name))\">\n"
      + key + lines.joined() + "</svg>\n"
  }

  /// Points in a square with a diagonal that marks equal shares; both axes run from 0 to the largest share.
  package static func scatter(_ points: [(x: Double, y: Double)], xName: String, yName: String) -> String {
    let most = max(points.map { max($0.x, $0.y) }.max() ?? 0, 1e-9)
    let dots = points.map { point in
      "<circle cx=\"\(60 + Int(point.x / most * 300))\" cy=\"\(330 - Int(point.y / most * 300))\" r=\"3\" "
        + "style=\"fill:#1f6fb2\" fill-opacity=\"0.6\"/>\n"
    }
    return
      "<svg viewBox=\"0 0 400 370\" width=\"400\" role=\"img\" "
      + "aria-label=\"\(escaped(yName)) against \(escaped(xName))\">\n"
      + "<path d=\"M60 30V330H360\" fill=\"none\" stroke=\"#444\"/><path d=\"M60 330L360 30\" stroke=\"#bbb\"/>\n"
      + dots.joined()
      + "<text x=\"210\" y=\"358\" text-anchor=\"middle\" font-size=\"12\">\(escaped(xName))</text>"
      + "<text x=\"52\" y=\"34\" text-anchor=\"end\" font-size=\"11\">\(percent(most))</text>"
      + "<text x=\"360\" y=\"344\" text-anchor=\"middle\" font-size=\"11\">\(percent(most))</text>"
      + "<text x=\"18\" y=\"180\" text-anchor=\"middle\" font-size=\"12\" transform=\"rotate(-90 18 180)\">"
      + "\(escaped(yName))</text>\n</svg>\n"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  static func shortened(_ text: String) -> String { text.count > 66 ? text.prefix(65) + "…" : text }
}
