internal import Shared

/// The codes that exist for a run: those that the bundle publishes or names, and those of one's own dictionaries.
struct CodeBook: Sendable {
  private let bundle: CodeTitles
  private let published: [Attribute: Set<String>]
  private let dictionary: CodeTitles
  /// The published categories as prompts write them, made once.
  private let names: [Attribute: [String: String]]
  /// Codes beyond the bundle's may be chosen.
  let hasDictionary: Bool

  init(_ titles: CodeTitles, _ sampler: Sampler, dictionary: CodeTitles? = nil) {
    bundle = titles
    published = Attribute.allCases.filter(\.isCode).reduce(into: [:]) { $0[$1] = Set(sampler.categories(of: $1)) }
    hasDictionary = dictionary != nil
    let dictionary = dictionary ?? CodeTitles()
    self.dictionary = dictionary
    names = Attribute.allCases.reduce(into: [:]) { names, attribute in
      for category in sampler.categories(of: attribute) {
        names[attribute, default: [:]][category] = Self.quoted(
          category, titles.title(of: category, attribute) ?? dictionary.title(of: category, attribute))
      }
    }
  }

  /// Whether the code is one that an admission of this run may have.
  func knows(_ code: String, _ attribute: Attribute) -> Bool {
    published[attribute]?.contains(code) == true
      || (!CodeGroups.isGroup(code, attribute) && dictionary.title(of: code, attribute) != nil)
  }

  /// A category with its title, each quoted as in JSON. Whatever a bundle's texts say, they stay within their quotes on their
  /// line, and no prompt's instructions hold any of them.
  func named(_ category: String, _ attribute: Attribute) -> String {
    names[attribute]?[category] ?? Self.quoted(category, title(of: category, attribute))
  }

  private static func quoted(_ category: String, _ title: String?) -> String {
    let title = title.map { " = \(JSONValue.string($0).compact())" } ?? ""
    return JSONValue.string(category).compact() + title
  }

  func title(of category: String, _ attribute: Attribute) -> String? {
    bundle.title(of: category, attribute) ?? dictionary.title(of: category, attribute)
  }
}
