internal import Shared

/// The codes that exist for a run: those that the bundle publishes or names, and those of one's own dictionaries.
struct CodeBook: Sendable {
  private let bundle: CodeTitles
  private let published: [Attribute: Set<String>]
  private let dictionary: CodeTitles
  /// Codes beyond the bundle's may be chosen.
  let hasDictionary: Bool

  init(_ titles: CodeTitles, _ sampler: Sampler, dictionary: CodeTitles? = nil) {
    bundle = titles
    published = Attribute.allCases.filter(\.isCode).reduce(into: [:]) { $0[$1] = Set(sampler.categories(of: $1)) }
    self.dictionary = dictionary ?? CodeTitles()
    hasDictionary = dictionary != nil
  }

  /// Whether the code is one that an admission of this run may have.
  func knows(_ code: String, _ attribute: Attribute) -> Bool {
    published[attribute]?.contains(code) == true
      || (!CodeGroups.isGroup(code, attribute) && dictionary.title(of: code, attribute) != nil)
  }

  func title(of category: String, _ attribute: Attribute) -> String? {
    bundle.title(of: category, attribute) ?? dictionary.title(of: category, attribute)
  }
}
