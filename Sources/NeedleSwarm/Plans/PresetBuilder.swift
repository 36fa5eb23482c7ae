// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Makes a preset's policy and nodes.
///
/// The policy depends on the preset, the seed and the sizes, but not on the number of nodes (except for `ctf`).
struct PresetBuilder {
    let preset: SwarmPreset
    let seed: String
    let sizes: PresetSizes
    private(set) var policy = PolicyText()
    private(set) var users: [String] = []
    private(set) var nodes: [Roster.Node] = []

    static let infrastructure = ["scoreboard", "dns", "vpn"]
    private static let fewTags = [
        "exit-node", "subnet-router", "server", "db", "api", "web", "monitoring", "ssh-target", "vpn-gateway", "client",
    ]
    private static let systems = ["linux", "linux", "linux", "windows", "macOS", "iOS", "android"]

    init(preset: SwarmPreset, seed: String, sizes: PresetSizes) {
        self.preset = preset
        self.seed = seed
        self.sizes = sizes
    }

    mutating func build() {
        switch preset {
        case .acl15k: buildRandom(sourcesMax: 3, destinationsMax: 2, withSelf: true)
        case .brutal: buildRandom(sourcesMax: 2, destinationsMax: 1, withSelf: false)
        case .ctf: buildTeams()
        case .mesh: buildMesh()
        }
    }

    private func random(_ purpose: String) -> PlanRandom {
        PlanRandom(preset: preset.rawValue, seed: seed, purpose: purpose)
    }

    private mutating func rule(_ sources: [String], _ destinations: [String]) {
        policy.rules.append(PolicyText.Rule(sources: sources, destinations: destinations))
    }

    // MARK: - Random rules

    private mutating func buildRandom(sourcesMax: Int, destinationsMax: Int, withSelf: Bool) {
        makeNames()
        var random = random("rules")
        if withSelf { rule(["autogroup:member"], ["autogroup:self:*"]) }
        while policy.rules.count < sizes.rules {
            let sources = aliases(random.number(1...sourcesMax), [.group, .user, .tag], &random)
            let destinations = aliases(random.number(1...destinationsMax), [.tag, .host, .group, .user], &random)
            rule(sources, destinations.map { "\($0):\(Self.ports(&random))" })
        }
        makeNodes()
    }

    private mutating func makeNames() {
        users = (1...max(sizes.users, 1)).map { "u" + Self.padded($0, 4) }
        policy.tags =
            sizes.tags <= Self.fewTags.count
            ? Array(Self.fewTags.prefix(sizes.tags)) : (1...sizes.tags).map { "svc-" + Self.padded($0, 3) }
        var random = random("groups")
        for number in 1...max(sizes.groups, 1) {
            let count = min(random.number(sizes.groupUsers), users.count)
            policy.groups.append((name: "g" + Self.padded(number, 3), users: random.sample(users, count)))
        }
        random = self.random("hosts")
        for number in 1...max(sizes.hosts, 1) {
            // Two of three are networks of others, the rest single machines.
            let prefix =
                number.isMultiple(of: 3)
                ? "192.0.2.\(random.number(1...254))/32"
                : "10.\(random.number(0...255)).\(random.number(0...255)).0/24"
            policy.hosts.append((name: "ext-" + Self.padded(number, 3), prefix: prefix))
        }
    }

    private enum AliasKind {
        case group
        case user
        case tag
        case host
    }

    private func aliases(_ count: Int, _ kinds: [AliasKind], _ random: inout PlanRandom) -> [String] {
        var found: [String] = []
        while found.count < count {
            let alias =
                switch random.choice(kinds) {
                case .group: "group:" + random.choice(policy.groups).name
                case .user: random.choice(users) + "@"
                case .tag: "tag:" + random.choice(policy.tags)
                case .host: random.choice(policy.hosts).name
                }
            if !found.contains(alias) { found.append(alias) }
        }
        return found
    }

    private static func ports(_ random: inout PlanRandom) -> String {
        switch random.number(0...3) {
        case 0: return "*"
        case 1: return "\(random.number(1...60_000))"
        case 2:
            var ports: Set<Int> = []
            let count = random.number(2...4)
            while ports.count < count { ports.insert(random.number(1...59_999)) }
            return ports.sorted().map(String.init).joined(separator: ",")
        default:
            let low = random.number(1...59_000)
            return "\(low)-\(low + random.number(1...900))"
        }
    }

    private mutating func makeNodes() {
        var random = random("nodes")
        for number in 1...max(sizes.nodes ?? 1, 1) {
            let name = "\(preset.rawValue)-" + Self.padded(number, 5)
            let system = random.choice(Self.systems)
            if Double.random(in: 0..<1, using: &random) < sizes.tagged {
                nodes.append(Roster.Node(hostname: name, tags: ["tag:" + random.choice(policy.tags)]))
            } else {
                nodes.append(Roster.Node(hostname: name, osname: system, user: random.choice(users)))
            }
        }
    }

    // MARK: - Teams

    private mutating func buildTeams() {
        var random = random("nodes")
        policy.tags = Self.infrastructure
        for number in 1...max(sizes.teams, 1) {
            let padded = Self.padded(number, 3)
            let team = (1...max(sizes.teamUsers, 1)).map { "t\(padded)p\($0)" }
            let box = "chal-" + padded
            users += team
            policy.tags.append(box)
            policy.groups.append((name: "team" + padded, users: team))
            rule(["group:team" + padded], ["group:team\(padded):*", "tag:\(box):*"])
            for user in team {
                nodes.append(Roster.Node(hostname: "ctf-" + user, osname: random.choice(Self.systems), user: user))
            }
            nodes.append(Roster.Node(hostname: "ctf-" + box, tags: ["tag:" + box]))
        }
        rule(["autogroup:member"], ["tag:scoreboard:80,443", "tag:dns:53", "tag:vpn:*"])
        for tag in Self.infrastructure {
            for number in 0..<sizes.infrastructure {
                nodes.append(Roster.Node(hostname: "ctf-\(tag)-\(number + 1)", tags: ["tag:" + tag]))
            }
        }
        nodes.shuffle(using: &random)
    }

    // MARK: - Mesh

    private mutating func buildMesh() {
        users = (1...max(sizes.users, 1)).map { "u" + Self.padded($0, 4) }
        rule(["*"], ["*:*"])
        var random = random("nodes")
        for number in 1...max(sizes.nodes ?? 1, 1) {
            let system = random.choice(Self.systems)
            let user = random.choice(users)
            nodes.append(Roster.Node(hostname: "mesh-" + Self.padded(number, 5), osname: system, user: user))
        }
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(width - text.utf8.count, 0)) + text
    }
}
