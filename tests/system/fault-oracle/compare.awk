# usage: awk -v complete=1 -f compare.awk DIFFERENCES QEMU FORKSCOPE
#
# A transcript's line is "case: outcome". DIFFERENCES holds comments (#), and
# lines of two regular expressions with a tab between them: the cases that may
# differ, and what forkscope's outcome is there. With complete=1 each of them must
# explain something.

function split_line(line,    at) {
    at = index(line, ": ")
    head = substr(line, 1, at - 1)
    outcome = substr(line, at + 2)
}

FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && $0 != "") {
        split($0, parts, "\t")
        cases[++explanations] = parts[1]
        ours[explanations] = parts[2]
    }
    next
}

{ sub(/\r$/, "") }

FILENAME == ARGV[2] {
    expected[++expected_lines] = $0
    next
}

{
    ++lines
    if ($0 == expected[lines])
        next
    ++differing
    split_line(expected[lines])
    qemu_head = head
    qemu_outcome = outcome
    split_line($0)
    if (head == qemu_head)
        for (i = 1; i <= explanations; ++i)
            if (head ~ cases[i] && outcome ~ ours[i]) {
                ++used[i]
                next
            }
    if (++unexplained <= 20)
        printf "line %d: %s\n  qemu:      %s\n  forkscope: %s\n", lines, head,
            head == qemu_head ? qemu_outcome : expected[lines], outcome
}

END {
    for (i = 1; i <= explanations; ++i)
        if (!used[i]) {
            print "explains nothing: " cases[i]
            failed = failed || complete
        }
    if (lines != expected_lines) {
        printf "qemu printed %d lines, forkscope %d\n", expected_lines, lines
        failed = 1
    }
    printf "%d lines, %d differ, %d of them unexplained\n", lines, differing, unexplained
    exit failed || unexplained > 0 || lines == 0
}
