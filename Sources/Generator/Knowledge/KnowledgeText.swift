internal import Shared

/// A few sentences about a disease, for a prompt.
struct KnowledgeText: Equatable, Sendable {
  let title: String
  /// One paragraph per line.
  let text: String
  /// Where the text comes from: an entry of the built-in pack or of a file, or MedlinePlus Connect, with the code and
  /// the date of the reply.
  let source: String

  /// The topic of a question.
  enum Topic: Sendable { case complications, treatment }
}

extension KnowledgeText {
  /// The part that a step needs: the first of two paragraphs is about complications, the second about treatment. A text
  /// with any other number of paragraphs is returned whole, on one line.
  func part(for topic: Topic) -> KnowledgeText {
    let paragraphs = text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    let own = paragraphs.count == 2 ? paragraphs[topic == .complications ? 0 : 1] : paragraphs.joined(separator: " ")
    return KnowledgeText(title: title, text: own, source: source)
  }
}

/// Where text about main diagnoses comes from.
protocol KnowledgeSource: Sendable {
  /// - Parameters:
  ///   - category: a code as the bundle writes it.
  ///   - title: the code's title; nil if it is unknown.
  /// - Returns: nil if the source knows nothing about the code, its category or its chapter.
  /// - Throws: status 69 if a source on the network can't be reached.
  func text(about category: String, title: String?) async throws -> KnowledgeText?
}

/// The texts that a run has looked up. Each code is looked up once, and its text is kept in the run's journal.
actor KnowledgeShelf {
  private let source: (any KnowledgeSource)?
  private let book: CodeBook
  private let keep: @Sendable (String, KnowledgeText?) async throws -> Void
  private var known: [String: KnowledgeText?]
  private var lookUps: [String: Task<KnowledgeText?, any Error>] = [:]

  /// - Parameters:
  ///   - source: where texts are looked up; if nil, only the kept texts are available.
  ///   - known: the texts that were kept before.
  ///   - keep: stores the result of a look-up.
  init(
    _ source: (any KnowledgeSource)?, _ book: CodeBook, known: [String: KnowledgeText?] = [:],
    keep: @escaping @Sendable (String, KnowledgeText?) async throws -> Void = { _, _ in }
  ) {
    self.source = source
    self.book = book
    self.known = known
    self.keep = keep
  }

  /// The text about a main diagnosis.
  func text(about category: String) async throws -> KnowledgeText? {
    if let text = known[category] { return text }
    guard let source else { return nil }
    if let running = lookUps[category] { return try await running.value }
    let title = book.title(of: category, .mainDiagnosis)
    let lookUp = Task { [keep] in
      let text = try await source.text(about: category, title: title)
      try await keep(category, text)
      return text
    }
    lookUps[category] = lookUp
    let text = try await lookUp.value
    known[category] = .some(text)
    return text
  }
}
