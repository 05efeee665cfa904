/// How a drug is usually given, where neither the bundle nor a model says it.
enum UsualRoute {
  /// By the beginning of a drug's name in lower case: up to three words.
  private static let routes: [String: String] = {
    var routes: [String: String] = [:]
    for line in String(decoding: PackageResources.UsualRoutes_txt, as: UTF8.self).split(separator: "\n") {
      guard !line.hasPrefix("#") else { continue }
      let parts = line.split(separator: ";").map { $0.drop { $0 == " " } }
      for name in parts.dropFirst() { routes[String(name)] = String(parts[0]) }
    }
    return routes
  }()

  /// - Returns: the route in MIMIC's words; empty if the list doesn't know the drug.
  static func of(_ drug: String) -> String {
    var name = drug.lowercased().split(separator: " ").prefix(3).joined(separator: " ")
    while true {
      if let route = routes[name] { return route }
      guard let end = name.lastIndex(of: " ") else { return "" }
      name = String(name[..<end])
    }
  }
}

extension DrugOrder {
  /// The route that the order names, or the drug's usual one.
  func route(of drug: String) -> String { self[.route].isEmpty ? UsualRoute.of(drug) : self[.route] }
}
