internal import Shared

/// The titles of the codes in published cells, and of no others: from the source's own dictionary or, for codes without
/// a title there, from those of the program.
func publishedTitles(of tables: [PublishedTable], from dictionary: CodeTitles) -> CodeTitles {
  var titles = CodeTitles()
  for table in tables {
    for (axis, attribute) in table.attributes.enumerated() {
      guard let group = attribute.titleGroup else { continue }
      for cell in table.cells {
        let code = attribute.titledCode(cell.key[axis])
        if titles[group, code] == nil {
          titles[group, code] = dictionary[group, code] ?? ShippedDictionary.title(of: code, in: group)
        }
      }
    }
  }
  return titles
}
