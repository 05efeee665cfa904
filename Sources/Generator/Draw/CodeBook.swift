internal import Shared

/// The codes of a run, with their titles: those that the bundle publishes, those that its groups stand for, and those
/// of the user's own dictionaries.
struct CodeBook: Sendable {
  private let bundle: CodeTitles
  private let published: [Attribute: Set<String>]
  private let dictionary: CodeTitles
  private let members: GroupMembers
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
    members = sampler.members
    names = Attribute.allCases.reduce(into: [:]) { names, attribute in
      for category in sampler.categories(of: attribute) {
        names[attribute, default: [:]][category] = Self.quoted(
          category, titles.title(of: category, attribute) ?? dictionary.title(of: category, attribute))
      }
    }
  }

  /// Whether the model may choose the code where it is not bound to candidates.
  func offers(_ code: String, _ attribute: Attribute) -> Bool {
    knows(code, attribute)
      && (members.publishes(code, attribute) || dictionary.title(of: code, attribute) != nil)
  }

  /// Whether an admission of this run may have the code.
  func knows(_ code: String, _ attribute: Attribute) -> Bool {
    if CodeGroups.isGroup(code, attribute) { return false }
    return published[attribute]?.contains(code) == true || dictionary.title(of: code, attribute) != nil
      || members.holds(code, attribute)
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
      ?? attribute.titleGroup.flatMap { ShippedDictionary.title(of: attribute.titledCode(category), in: $0) }
  }
}
