# Reads events as lines of eight numbers and checks what every record must show of
# the address space, then what row `row` (one of docs/fork-semantics.md) says.
# Event kinds: emu/event/event.hpp; 256 + number for those of guestos/abi/probe.hpp.

function page(address) { return int(address / 4096) }
function frame(descriptor) { return int((descriptor % 281474976710656) / 4096) } # bits 47:12
function read_only(descriptor) { return int(descriptor / 128) % 2 }              # AP[2], bit 7
function wrong(what) { print "cycle " $1 ": " what; errors++ }
function expect(condition, what) { if (!condition) { print what; errors++ } }

{ kind = $2 % 65536; pid = int($2 / 4294967296) }

# Fault: FAR, PC, ESR, descriptor. A translation fault has DFSC 0b0001xx, and a data
# abort from user mode EC 0x24.
kind == 3 && int($5 / 67108864) == 36 && int($5 / 64) % 2 == 0 && int($5 % 64 / 4) == 1 {
    read_in[pid, page($3)] = 1
}
# A permission fault by a write has WnR (bit 6) and DFSC 0b0011xx. The page was mapped
# read-only then: by a read fault of its own, or together with a neighbour.
kind == 3 && int($5 / 64) % 2 == 1 && int($5 % 64 / 4) == 3 && read_only($6) {
    if ((pid SUBSEP page($3)) in read_in) read_alone[pid]++
    else mapped_along[pid]++
    delete read_in[pid, page($3)]
}
kind == 3 && int($5 / 64) % 2 == 1 && int($5 % 64 / 4) == 3 {
    refused[pid, page($3)]++
    descriptor[pid, page($3)] = $6
    total_refused[pid]++
}

# DescriptorChange: VA, PC, before, after: the store is repeated. What the kernel
# said of the page is what the machine finds.
kind == 4 && (pid SUBSEP page($3)) in made {
    if (frame($6) != made[pid, page($3)] || read_only($6))
        wrong("another frame than the kernel says, or read-only")
    checked++
    delete made[pid, page($3)]
}

# cow_copy: pid, va, old frame, new frame, references. It answers a refused write,
# and there was somebody to share with.
kind == 296 {
    at = $3 SUBSEP page($4)
    if (!(refused[at] > 0)) wrong("a copy that no refused write asked for")
    refused[at]--
    if ($5 == $6 || $7 < 2) wrong("a copy of a page that is not shared")
    if (frame(descriptor[at]) == page($5) && read_only(descriptor[at])) was_readable[$3]++
    copies[$3]++
    shared_by[page($5)] = shared_by[page($5)] " " $7
    made[at] = page($6)
}
# cow_reuse: pid, va, frame. mlock asks for it too, and no write is refused then.
kind == 297 {
    at = $3 SUBSEP page($4)
    if (!(refused[at] > 0) && row != "M5") wrong("a reuse that no refused write asked for")
    refused[at]--
    reuses[$3]++
    shared_by[page($5)] = shared_by[page($5)] " last"
    made[at] = page($5)
}
kind == 298 { zeroed[$3]++ }
kind == 299 && $7 == 1 { promoted[$3]++ }
# anon_map: pid, va, frame, references, writable
kind == 300 && $6 > 1 && $7 { wrong("a shared page mapped writable") }
# space_fork: parent, child, shared, entries, pages write-protected
kind == 302 {
    if ($5) {
        shared_spaces++
        if ($7) wrong("a shared space was copied")
    } else {
        copied_spaces++
        protected[$3, ++forks[$3]] = $7
    }
}
# A vfork child has left its parent's memory, by exec or exit, before the parent wakes.
kind == 302 { delete left[$4]; if ($5) child_of[$3] = $4 }
kind == 305 || kind == 306 { left[$3] = kind }
# wakeup: pid, lid
kind == 278 && $3 in child_of {
    if (!(child_of[$3] in left)) wrong("a vfork parent wakes while its child has its memory")
    woken_after[left[child_of[$3]]]++
    delete child_of[$3]
}
kind == 304 { if ($5 == $6) wrong("a wired page was not copied"); eager[$3]++ }
# on-cpu: pid, lid, ASID
kind == 276 && $5 > 0 && $3 > 0 && !(($5, $3) in user_of) { user_of[$5, $3]; users[$5]++ }

function most(of, n, i) { for (i in of) if (of[i] > n) n = of[i]; return n + 0 }
function protected_once(i, p, parts) {
    for (i in protected) {
        split(i, parts, SUBSEP)
        p = parts[1]
        if (protected[p, 1] >= 16 && (p, 2) in protected && protected[p, 2] < 16) return 1
    }
    return 0
}
# Eight sharers copied a frame, the ninth kept it.
function eight_then_last(i, n, j, words, numbers) {
    for (i in shared_by) {
        n = split(shared_by[i], words, " ")
        for (j = 1; j <= n; j++) {
            if (words[j] == "last" && numbers >= 8) return 1
            numbers = words[j] == "last" ? 0 : numbers + 1
        }
        numbers = 0
    }
    return 0
}

# What the row says.
function row_holds() {
    if (row == "M1") return shared_spaces >= 1 && copied_spaces >= 1
    if (row == "M3") return protected_once()
    if (row == "M4") return most(total_refused) >= 48  # three times sixteen pages
    if (row == "M5") return most(eager) == 16          # as many as were wired
    if (row == "M7") return most(was_readable) >= 16   # mapped read-only before the writes
    if (row == "M8") return most(copies) >= 16 && checked >= 16
    if (row == "M9") return most(reuses) >= 16 && checked >= 16
    if (row == "M10") return most(zeroed) >= 16 && most(promoted) >= 1
    # sixteen pages, read with seven neighbours each, and once more without
    if (row == "M12") return most(mapped_along) >= 14 && most(read_alone) >= 18
    if (row == "M13") return eight_then_last()
    if (row == "M15") return most(users) >= 5          # of one ASID, one after another
    if (row == "V3") return woken_after[305] >= 1 && woken_after[306] >= 1
    return 0
}

END {
    expect(NR > 200, "there is no record")
    expect(row_holds(), "the record does not show what row " row " says")
    exit errors != 0
}
