# Pipelines, background jobs, wait.
echo a b c | cat | cat | wc -w | { read n; echo $n; }
i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i + 1)); done | wc -l | { read n; echo $n; }
(sleep 0; exit 5) & wait $!; echo $?
(exit 1) & a=$!; (exit 2) & b=$!
wait $b; echo $?; wait $a; echo $?
wait 99999; echo $?
sleep 0 & sleep 0 & wait; echo $?
{ echo bg > bgfile; } & wait; cat bgfile
cat & wait $!; echo $?
x=1; x=2 | cat; echo $x
echo "$(echo a | cat; echo b) c"
export V=exported; sh -c 'echo $V'
W=once sh -c 'echo $W'; echo "[$W]"
unset V; sh -c 'echo "[$V]"'
set -e; false || true; if false; then :; fi; ! true; echo still
(set -e; false; echo never); echo gone
echo not reached
