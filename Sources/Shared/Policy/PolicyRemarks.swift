internal import Yams

/// Something in a policy that is allowed but that an officer should look at twice.
package struct PolicyRemark: Equatable, Sendable {
  package let place: PolicyPlace
  package let text: String
}

extension Policy {
  /// All remarks on the policy, in the order of the file.
  package var remarks: [PolicyRemark] {
    guard let root = try? composeStrictYAML(bytes) else { return [] }
    let found =
      cohortRemarks(root, root["cohort"]) + protectionRemarks(root["protection"] ?? root)
      + releaseRemarks(root["release"]?.sequence.map(Array.init) ?? [])
    return found.sorted { ($0.place.line, $0.place.column) < ($1.place.line, $1.place.column) }
  }

  private func cohortRemarks(_ root: Node, _ node: Node?) -> [PolicyRemark] {
    guard cohort.minimumAge < 18 else { return [] }
    return [remark(node?["minimum-age"] ?? root, "admissions of children are counted")]
  }

  private func protectionRemarks(_ node: Node) -> [PolicyRemark] {
    var found: [PolicyRemark] = []
    func add(_ key: String, _ text: String, if isSo: Bool) { if isSo { found.append(remark(node[key] ?? node, text)) } }
    add(
      "minimum-patients", "a cell may cover fewer than 11 patients; see low-k-reason",
      if: protection.minimumPatients < 11)
    add("approvals", "this policy needs no approval before data leave the hospital", if: protection.approvals == 0)
    add(
      "zero-cells", "empty cells are published: a row with a single non-empty cell reveals it for everyone in that row",
      if: protection.publishesZeroCells)
    if let noise = protection.noise, let limit = Epsilon("3") {
      let node = node["noise"] ?? node
      if limit < noise.epsilon {
        found.append(remark(node["epsilon"] ?? node, "an epsilon over 3 gives one patient little protection"))
      }
      if limit + limit + limit < noise.budget {
        found.append(remark(node["budget"] ?? node, "a budget over 9, once spent, gives one patient little protection"))
      }
    }
    return found
  }

  private func releaseRemarks(_ nodes: [Node]) -> [PolicyRemark] {
    zip(nodes, release).compactMap { node, table in
      let codes = table.attributes.filter(\.isCode).count
      if codes > 1, table.top == nil, protection.noise == nil {
        return remark(node, "pairs of all codes: without top, nearly every cell is too small, and plan is slow")
      }
      if table.attributes.count == 3, codes > 0, protection.noise == nil {
        return remark(node, "three attributes with codes: most cells will be too small")
      }
      return nil
    }
  }

  private func remark(_ node: Node, _ text: String) -> PolicyRemark {
    PolicyRemark(place: PolicyPlace(node.mark), text: text)
  }
}
