/// The small part of HTML that our reports need: static, with no scripts or external resources. All text is escaped.
package enum HTML {
  /// How every page begins. The policy forbids scripts, and anything from elsewhere.
  package static let start = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <title>
    """

  /// A whole page.
  package static func page(title: String, _ content: String) -> String {
    """
    \(start)\(escaped(title))</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
    h2, h3, summary { break-after: avoid; } h3 { margin-bottom: 0; }
    table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; display: block; max-width: 100%; overflow-x: auto; }
    th, td { border-bottom: 1px solid #ccc; padding: 0.15rem 1rem 0.15rem 0; text-align: left; vertical-align: top; }
    .n { text-align: right; font-variant-numeric: tabular-nums; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1rem; }
    dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
    details { border-top: 1px solid #ccc; padding: 0.3rem 0; } summary { cursor: pointer; font-weight: 600; }
    #all:checked ~ details::details-content { content-visibility: visible; height: auto; }
    .verdict { border-left: 6px solid #4a6fa5; background: #eef3f9; padding: 0.1rem 1rem; }
    .sign { border: 1px solid #222; padding: 0.5rem 1rem; break-inside: avoid; }
    .sign p { margin: 1.2rem 0; } .sign span { display: inline-block; border-bottom: 1px solid #222; width: 60%; }
    svg { max-width: 100%; height: auto; break-inside: avoid; display: block; }
    svg text { font: 12px system-ui, sans-serif; fill: #222; } svg rect { fill: #4a6fa5; }
    \(phones) dl { display: block; } dd { margin-bottom: 0.5rem; } }
    @media print {
      body { margin: 0; font-size: 10pt; } table { display: table; } tr { break-inside: avoid; }
      .screen, details { display: none; } details[open], #all:checked ~ details { display: block; }
    }
    </style>
    </head>
    <body>
    <main>
    <h1>\(escaped(title))</h1>
    \(content)</main>
    </body>
    </html>

    """
  }

  package static func section(_ title: String, _ content: String) -> String {
    "<h2>\(escaped(title))</h2>\n\(content)"
  }

  /// A section within a section.
  package static func subsection(_ title: String, _ content: String) -> String {
    "<h3>\(escaped(title))</h3>\n\(content)"
  }

  /// A box that opens every folded section after it, also on paper.
  package static let openAll = """
    <p>Only open tables are printed.</p>
    <\(checkbox)><label class="screen" for="all"> Open every table</label>

    """

  /// The only element of a page that can be changed; it changes what the page shows, and nothing else.
  package static let checkbox = "input class=\"screen\" type=\"checkbox\" id=\"all\""

  /// How rules for narrow windows begin.
  package static let phones = "@media (max-width: 40rem) {"

  /// A section that a reader opens; it is printed only if it is open.
  ///
  /// - Parameter id: a name for links to it, from letters, digits and hyphens.
  package static func folded(id: String, _ summary: String, _ content: String) -> String {
    "<details id=\"\(escaped(id))\"><summary>\(escaped(summary))</summary>\n\(content)</details>\n"
  }

  package static func paragraph(_ text: String) -> String { "<p>\(escaped(text))</p>\n" }

  /// What a reader should know first, in a box.
  package static func verdict(_ sentences: [String]) -> String {
    "<div class=\"verdict\">\n" + sentences.map(paragraph).joined() + "</div>\n"
  }

  /// Links to files beside the page, each with what it shows.
  package static func links(_ links: [(file: String, what: String)]) -> String {
    let items = links.map { "<a href=\"\(escaped($0.file))\">\(escaped($0.file))</a>: \(escaped($0.what))" }
    return "<p>See also \(items.joined(separator: "; ")).</p>\n"
  }

  package static func list(_ items: [String]) -> String {
    "<ul>\n" + items.map { "<li>\(escaped($0))</li>\n" }.joined() + "</ul>\n"
  }

  /// A box for a person to sign on paper.
  package static let signOff = """
    <div class="sign"><p>I have read this page, opened its tables, and agree that the counts with the fingerprint above
    leave the hospital, together with the rules, this page and the signatures.</p>
    <p>Name: <span>&nbsp;</span></p><p>Role: <span>&nbsp;</span></p><p>Date and signature: <span>&nbsp;</span></p></div>

    """

  /// A small chart with a labelled bar for each count. Empty if no count is over 0.
  package static func bars(_ bars: [(label: String, value: Int)], name: String = "the largest counts") -> String {
    guard let largest = bars.map(\.value).max(), largest > 0 else { return "" }
    let lines = bars.enumerated().map { row, bar in
      let y = 34 * row
      let width = 370 * bar.value / largest
      return "<text x=\"0\" y=\"\(y + 12)\">\(escaped(shortened(bar.label)))</text>"
        + "<rect x=\"0\" y=\"\(y + 17)\" width=\"\(width)\" height=\"12\"/>"
        + "<text x=\"\(width + 6)\" y=\"\(y + 28)\">\(bar.value)</text>\n"
    }
    return
      "<svg viewBox=\"0 0 440 \(34 * bars.count)\" width=\"440\" role=\"img\" aria-label=\"\(escaped(name))\">\n"
      + "\(lines.joined())</svg>\n"
  }

  /// A list of names with their values.
  package static func facts(_ facts: [(name: String, value: String)]) -> String {
    let entries = facts.map { "<dt>\(escaped($0.name))</dt><dd>\(escaped($0.value))</dd>\n" }
    return "<dl>\n\(entries.joined())</dl>\n"
  }

  /// A table.
  ///
  /// - Parameters:
  ///   - words: how many of the first columns are words; the others are numbers.
  ///   - targets: for each row, the id that its first cell links to, or an empty text; empty for a table without links.
  package static func table(header: [String], words: Int = 1, rows: [[String]], targets: [String] = []) -> String {
    func aligned(_ place: Int) -> String { place < words ? "" : " class=\"n\"" }
    let head = header.enumerated().map { "<th scope=\"col\"\(aligned($0))>\(escaped($1))</th>" }.joined()
    let body = rows.enumerated().map { number, row in
      let cells = row.enumerated().map { place, text in
        place == 0 && number < targets.count && !targets[number].isEmpty
          ? "<td><a href=\"#\(escaped(targets[number]))\">\(escaped(text))</a></td>"
          : "<td\(aligned(place))>\(escaped(text))</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }.joined()
    return "<table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)</tbody>\n</table>\n"
  }

  static func escaped(_ text: String) -> String {
    let special = "&<>\"'".utf8
    guard text.utf8.contains(where: special.contains) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
