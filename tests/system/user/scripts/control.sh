# if, while, until, for, &&, ||, !, break, continue, statuses.
if true; then echo yes; fi
if false; then echo no; else echo else; fi
if false; then echo 1; elif true; then echo 2; else echo 3; fi
true && echo and || echo or
false && echo and || echo or
! false; echo $?
! true; echo $?
i=0
while [ $i -lt 5 ]; do
    i=$((i + 1))
    [ $i -eq 2 ] && continue
    [ $i -eq 4 ] && break
    echo turn $i
done
until [ $i -eq 0 ]; do i=$((i - 1)); done
echo i=$i
for a in 1 2 3; do
    for b in x y z; do
        [ $b = y ] && continue 2
        [ $a = 3 ] && break 2
        echo $a$b
    done
done
for e in; do echo never; done
(exit 3); echo $?
{ echo in; echo group; } | cat
( x=5; echo sub $x ); echo "x=$x"
sh -c 'exit 7'; echo $?
nonexistent-command 2>/dev/null; echo $?
/etc 2>/dev/null; echo $?
true; echo $?
false | true; echo $?
true | false; echo $?
x=$(exit 4); echo $?
[ a = a ]; echo $?; [ a = b ]; echo $?; [ -n "" ]; echo $?; [ -z "" ]; echo $?
[ 2 -lt 10 ]; echo $?; [ ! a = b ]; echo $?; [ x ]; echo $?; [ ]; echo $?
[ -d . ] && [ ! -f . ] && echo folder
if (exit 1) || { false; true; }; then echo deep; fi
for i in 1 2; do echo $i; done | while read n; do echo "got $n"; done
if true
then
    echo newline
fi
for f in a b
do
    echo $f
done; echo after
