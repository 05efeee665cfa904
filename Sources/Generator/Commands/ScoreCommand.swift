internal import ArgumentParser
internal import Shared

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Measures a finished run against its bundle: score.html for people, score.json for scripts.",
    discussion: """
      Needs no patient data. Example:
        cloister-generator score run/
      """)

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Flag(help: "Print the scores as JSON, for scripts.")
  var json = false

  func run() throws {
    let folder = try RunFolder(opening: path)
    let score = try score(folder, Console.progress)
    try replaceFile(Array(score.json().utf8), at: "\(path)/score.json")
    try replaceFile(Array(score.html().utf8), at: "\(path)/score.html")
    try folder.journal.close()
    if json { return Console.result(score.json()) }
    score.lines.forEach(Console.result)
    Console.result("\(harmless(path, file: "score.html")) shows the scores table by table")
  }
}
