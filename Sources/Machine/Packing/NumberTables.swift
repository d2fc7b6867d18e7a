/// What the numbers in packed states stand for: values of words, and buffered stores.
///
/// Behind a pointer that a machine and its followers share; only the leader adds to it.
struct NumberTables: ~Copyable {
    var values = InternTable()
    var stores = InternTable()
    /// By a store's number, from 0.
    private(set) var storeInfos: UnsafeMutablePointer<StoreInfo>
    private var capacity = 16

    init() {
        storeInfos = .allocate(capacity: capacity)
        // A follower that is at a loss goes on with number 0, whatever it stands for, until its step is thrown away.
        storeInfos.initialize(to: StoreInfo(word: 0, origin: .direct, value: 0, covered: .max, mask: .max))
    }

    deinit { storeInfos.deallocate() }

    /// Bytes held.
    var bytes: Int { values.bytes + stores.bytes + capacity * MemoryLayout<StoreInfo>.stride }

    /// Gives a new store its number, from 0.
    mutating func addStore(_ key: UInt64, _ info: StoreInfo) -> Int {
        let number = stores.number(of: key)
        if number == capacity {
            let larger = UnsafeMutablePointer<StoreInfo>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: storeInfos, count: capacity)
            storeInfos.deallocate()
            storeInfos = larger
            capacity *= 2
        }
        (storeInfos + number).initialize(to: info)
        return number
    }
}

/// What a request comes to once it has read something.
struct Answer {
    /// The thread state after the request.
    var next: Int32
    /// The number of the word's new content for a locked update, or -1 when nothing is written.
    var value: Int32
}

/// The answers of one CPU's thread states, by state and value read.
struct AnswerTable: ~Copyable {
    private var numbers = InternTable()
    private var answers: UnsafeMutablePointer<Answer>
    private var capacity = 16

    init() { answers = .allocate(capacity: capacity) }

    deinit { answers.deallocate() }

    /// Bytes held.
    var bytes: Int { numbers.bytes + capacity * MemoryLayout<Answer>.stride }

    /// The answer, if it was computed before.
    @inline(__always)
    func find(_ thread: Int, _ value: Int) -> Answer? {
        numbers.find(UInt64(thread) << 32 | UInt64(value)).map { answers[$0] }
    }

    /// Keeps an answer.
    mutating func add(_ thread: Int, _ value: Int, _ answer: Answer) {
        let number = numbers.number(of: UInt64(thread) << 32 | UInt64(value))
        if number == capacity {
            let larger = UnsafeMutablePointer<Answer>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: answers, count: capacity)
            answers.deallocate()
            answers = larger
            capacity *= 2
        }
        (answers + number).initialize(to: answer)
    }
}
