internal import Shared

/// Numbers combinations of categories; the last attribute varies fastest.
struct Places: Sendable {
  let attributes: [Attribute]
  private let radix: MixedRadix

  init(_ attributes: [Attribute], sizes: [Int]) {
    self.attributes = attributes
    radix = MixedRadix(sizes)
  }

  var count: Int { radix.count }

  func categories(_ place: Int) -> [Int] { radix.digits(place) }

  func place(_ categories: [Int]) -> Int { radix.place { categories[$0] } }

  /// For each place, the place of the same categories under fewer attributes.
  func projection(to other: Places) -> [Int] {
    let axes = other.attributes.map { attribute in attributes.firstIndex(of: attribute) ?? 0 }
    return (0..<count).map { place in
      let categories = categories(place)
      return other.radix.place { categories[axes[$0]] }
    }
  }
}

extension AttackedRelease {
  /// Places over the attributes. A multi-valued attribute has two categories here: without the code, and with it.
  func places(_ attributes: [Attribute]) -> Places {
    Places(attributes, sizes: attributes.map { $0.isMultiValued ? 2 : size($0) })
  }

  /// The name of a place in a report: its categories.
  ///
  /// - Parameter codes: for places that only tell whether a code is present, the number of each attribute's code.
  func title(_ places: Places, _ place: Int, _ codes: [Attribute: Int] = [:]) -> String {
    zip(places.attributes, places.categories(place)).map { attribute, category in
      let category = codes[attribute] ?? category
      return names[attribute].flatMap { category < $0.count ? $0[category] : nil } ?? "others"
    }.joined(separator: ", ")
  }
}
