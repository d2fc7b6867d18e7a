import Diagnostics
import Report

/// Finds the tests that ship with Ptero.
struct CorpusLocation {
    let surroundings: Surroundings

    /// The corpus as it is shown: relative to the current directory when it lies in it.
    ///
    /// Looked for in `$PTERO_CORPUS`, in a checkout around the current directory or around the executable, and beside an
    /// installation (`bin/ptero`, `share/ptero/Corpus`).
    /// - Throws: `Diagnostic` when it is nowhere.
    func find() throws(Diagnostic) -> String {
        if let named = surroundings.environment("PTERO_CORPUS"), !named.isEmpty {
            guard Files.isFolder(surroundings.resolved(named)) else {
                throw Diagnostic(
                    withoutPlace: "PTERO_CORPUS names \(named), which is not a folder",
                    remedy: "set it to the folder Corpus of Ptero, or unset it")
            }
            return named
        }
        if let path = checkout(around: surroundings.currentDirectory) { return shown(path) }
        if let executable = surroundings.executable {
            let bin = parent(executable)
            if let path = checkout(around: bin) { return shown(path) }
            let installed = parent(bin) + "/share/ptero/Corpus"
            if Files.isFolder(installed) { return shown(installed) }
        }
        throw Diagnostic(
            withoutPlace: "the corpus that ships with Ptero was not found",
            remedy: "name files or folders, or set PTERO_CORPUS to the folder Corpus of Ptero")
    }

    /// The sources of the libraries that Swift tests can import; nil when they are nowhere.
    ///
    /// Looked for in `$PTERO_SOURCES`, in the checkout that the executable lies in, beside an installation
    /// (`share/ptero/Sources`), and in a checkout around the current directory.
    func findLibrarySources() -> String? {
        if let named = surroundings.environment("PTERO_SOURCES"), !named.isEmpty { return surroundings.resolved(named) }
        if let executable = surroundings.executable {
            let bin = parent(executable)
            if let path = checkout(around: bin, folder: "Sources", with: "/Sources/PageTable") { return path }
            let installed = parent(bin) + "/share/ptero/Sources"
            if Files.isFolder(installed + "/PageTable") { return installed }
        }
        return checkout(around: surroundings.currentDirectory, folder: "Sources", with: "/Sources/PageTable")
    }

    /// The folder of the documentation: in a checkout, or beside an installation (`share/ptero/Documentation`); nil when it is
    /// nowhere.
    func findDocumentation() -> String? {
        let mark = "/Documentation"
        if let executable = surroundings.executable {
            let bin = parent(executable)
            if let path = checkout(around: bin, folder: "Documentation", with: mark) { return shown(path) }
            let installed = parent(bin) + "/share/ptero/Documentation"
            if Files.isFolder(installed) { return shown(installed) }
        }
        return checkout(around: surroundings.currentDirectory, folder: "Documentation", with: mark).map(shown)
    }

    /// The page for browsers that `Web/build` makes.
    ///
    /// Looked for beside the executable, in the checkout that it lies in, beside an installation (`share/ptero/ptero.html`),
    /// and in a checkout around the current directory.
    /// - Throws: `Diagnostic` when it is nowhere.
    func findPage() throws(Diagnostic) -> String {
        let built = ".build/web/ptero.html"
        var places = [checkout(around: surroundings.currentDirectory, folder: built)]
        if let executable = surroundings.executable {
            let bin = parent(executable)
            places =
                [bin + "/ptero.html", checkout(around: bin, folder: built), parent(bin) + "/share/ptero/ptero.html"]
                + places
        }
        for case let place? in places where Files.exists(place) { return shown(place) }
        throw Diagnostic(
            withoutPlace: "the page for browsers is not here",
            remedy: "make it by Web/build in a checkout of Ptero (it needs the packages wasi-libc and "
                + "libclang-rt-14-dev-wasm32), or name it: --page FILE")
    }

    /// A folder or file, `Corpus` unless said otherwise, of the nearest folder upwards that is a checkout.
    private func checkout(around path: String, folder name: String = "Corpus", with mark: String = "/Corpus")
        -> String?
    {
        var folder = path
        while true {
            let base = folder == "/" ? "" : folder
            if Files.isFolder(base + mark), Files.exists(base + "/Package.swift") { return base + "/" + name }
            if folder == "/" || folder.isEmpty { return nil }
            folder = parent(folder)
        }
    }

    private func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private func shown(_ path: String) -> String {
        let here = surroundings.currentDirectory == "/" ? "/" : surroundings.currentDirectory + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}
