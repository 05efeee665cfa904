import Foundation
import TestSupport
import Testing

/// Checks the wall between the programs: which files import what, and what the linked programs contain.
@Suite struct WallTests {
  /// The names, without versions, of the functions that a program takes from dynamic libraries.
  private func imports(_ program: String) throws -> Set<String> {
    let nm = try runProgram("nm", ["-D", "--undefined-only", Project.program(program)])
    try #require(nm.status == 0)
    let names = nm.output.split(separator: "\n").compactMap { $0.split(separator: " ").last }
    return Set(names.compactMap { $0.split(separator: "@").first.map(String.init) })
  }

  @Test func theExtractorLinksNoNetworkCode() throws {
    let symbols = try runProgram("nm", [Project.program("cloister-extractor")]).output
    try #require(symbols.contains("SigningKey"))
    for word in ["NIOCore", "NIOPosix", "AsyncHTTPClient", "NIOSSL"] { #expect(!symbols.contains(word), "\(word)") }
    let imports = try imports("cloister-extractor")
    #expect(imports.contains("CMS_sign"))
    #expect(imports.isDisjoint(with: ["socket", "connect", "getaddrinfo"]))
  }

  @Test func theGeneratorHoldsNoSigningCodeAndNoPatientReader() throws {
    let imports = try imports("cloister-generator")
    #expect(imports.contains("CMS_verify"))
    #expect(
      imports.isDisjoint(with: [
        "CMS_sign", "PEM_read_bio_PrivateKey", "EVP_EC_gen", "EVP_PKEY_Q_keygen", "PKCS8_encrypt", "isal_inflate",
        "CMS_add1_signer", "X509_sign",
      ]))
    let all = try runProgram("nm", [Project.program("cloister-generator")]).output
    for word in ["SigningKey", "HospitalRecords", "ReadAdmissions"] { #expect(!all.contains(word), "\(word)") }
  }

  @Test func onlyTheirFoldersImportC() throws {
    let allowed = [
      "COpenSSL": ["Shared/OpenSSL", "Extractor/Seal"], "CISAL": ["Extractor/Read"],
      "CSandbox": ["Extractor/Sandbox"], "CGLPK": ["CountSolver/GLPKSolver.swift"],
      "CountSolver": ["Extractor/Attack"],
    ]
    let sources = "\(Project.root)/Sources"
    let files = try #require(FileManager.default.enumerator(atPath: sources)).compactMap { $0 as? String }
    for file in files where file.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
      for (module, folders) in allowed where text.contains("import \(module)") {
        #expect(folders.contains { file.hasPrefix($0) }, "\(file) imports \(module)")
      }
      if file.hasPrefix("CountSolver/") { #expect(!text.contains("import Shared"), "\(file) knows of hospitals") }
      if file.hasPrefix("Extractor/") || file.hasPrefix("Shared/") {
        for module in ["NIO", "AsyncHTTPClient", "GRDB", "FoundationNetworking"] {
          #expect(!text.contains("import \(module)"), "\(file) imports \(module)")
        }
      }
    }
  }
}
