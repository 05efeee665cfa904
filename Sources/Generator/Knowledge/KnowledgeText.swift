internal import Shared

/// A few sentences about a disease, for a prompt.
struct KnowledgeText: Equatable, Sendable {
  let title: String
  /// A paragraph a line.
  let text: String
  /// Where it is from: an entry of the built-in pack, a file, or an address with the date on which it was read.
  let source: String

  /// What a question is about.
  enum Topic: Sendable { case complications, treatment }
}

extension KnowledgeText {
  /// What a step needs: of two paragraphs the first, on complications, or the second, on treatment; of any other number all, on one line.
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
  ///   - title: what the code means; nil where no dictionary says.
  /// - Returns: nil where nothing is known of the code, its category or its chapter.
  /// - Throws: status 69 where a source on the network can't be reached.
  func text(about category: String, title: String?) async throws -> KnowledgeText?
}

/// What a run has looked up: each code once, kept in the run's journal.
actor KnowledgeShelf {
  private let source: (any KnowledgeSource)?
  private let book: CodeBook
  private let keep: @Sendable (String, KnowledgeText?) async throws -> Void
  private var known: [String: KnowledgeText?]
  private var lookUps: [String: Task<KnowledgeText?, any Error>] = [:]

  /// - Parameters:
  ///   - source: nil: nothing is known beyond what was kept.
  ///   - known: what was kept.
  ///   - keep: keeps what was looked up.
  init(
    _ source: (any KnowledgeSource)?, _ book: CodeBook, known: [String: KnowledgeText?] = [:],
    keep: @escaping @Sendable (String, KnowledgeText?) async throws -> Void = { _, _ in }
  ) {
    self.source = source
    self.book = book
    self.known = known
    self.keep = keep
  }

  /// What is known of a main diagnosis.
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
