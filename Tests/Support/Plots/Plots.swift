import Foundation
import Report

/// Draws the tables of `Benchmarks/README.md` as pictures beside it.
///
///     swift run -c release plots Benchmarks/README.md fork fork.svg
@main enum Plots {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else { stop("usage: plots TABLES.md fork|scaling|address-space PICTURE.svg") }
        guard let text = try? String(contentsOfFile: arguments[1], encoding: .utf8) else {
            stop("\(arguments[1]) cannot be read")
        }
        let tables = BenchmarkTables(text)
        let plot: BarPlot?
        switch arguments[2] {
        case "fork": plot = tables.forkPlot
        case "scaling": plot = tables.scalingPlot
        case "address-space": plot = tables.libraryPlot
        default: stop("there is no picture \(arguments[2]): fork, scaling, address-space")
        }
        guard let plot else { stop("\(arguments[1]) has no table for \(arguments[2])") }
        do {
            try plot.rendered().write(toFile: arguments[3], atomically: true, encoding: .utf8)
        } catch {
            stop("\(arguments[3]) cannot be written: \(error.localizedDescription)")
        }
    }

    private static func stop(_ message: String) -> Never {
        FileHandle.standardError.write(Data("plots: \(message)\n".utf8))
        exit(2)
    }
}
