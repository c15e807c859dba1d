# < > >> 2> 2>&1 >&- and their scope.
echo one > f; echo two >> f; cat f; cat < f
echo three > f; cat f
cat < f > g; cat g
sh -c 'echo out; echo err >&2' > o 2> e; cat o; echo -; cat e
sh -c 'echo out; echo err >&2' > both 2>&1; cat both
sh -c 'echo out; echo err >&2' 2>&1 > only | cat; cat only
{ echo a; echo b; } > group; cat group
for i in 1 2 3; do echo $i; done > loop; cat loop
if true; then cat; fi < loop
while read a b; do echo "$b-$a"; done < loop
echo "x y  z " | while read a b; do echo "[$a][$b]"; done
(echo sub; echo more) > s; cat s
cat < missing 2>/dev/null; echo $?
> made; [ -f made ] && echo made
exec 3> three; echo to three >&3; exec 3>&-; cat three
echo visible
exec > rest; echo hidden
