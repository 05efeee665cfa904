internal import Shared

/// The codes of a run, with their titles: the codes that the bundle publishes and those of the user's own dictionaries.
struct CodeBook: Sendable {
  private let bundle: CodeTitles
  private let published: [Attribute: Set<String>]
  private let dictionary: CodeTitles
  /// The published categories as prompts write them, computed once.
  private let names: [Attribute: [String: String]]
  /// Whether codes that the bundle does not publish may be chosen too.
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

  /// Whether an admission of this run may have the code.
  func knows(_ code: String, _ attribute: Attribute) -> Bool {
    published[attribute]?.contains(code) == true
      || (!CodeGroups.isGroup(code, attribute) && dictionary.title(of: code, attribute) != nil)
  }

  /// A category with its title, each quoted as in JSON. The bundle's texts therefore stay within their quotes and on
  /// their line. No prompt's instructions contain text from the bundle.
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
