# case, functions, return, here-documents.
kind() {
    case $1 in
    [0-9]*) echo number ;;
    -* | +*) echo option ;;
    "*") echo star ;;
    a\*) echo a-star;;
    '') echo empty ;;
    *.c | *.h)
        echo source
        echo code
        ;;
    (last) ;;
    *) echo word
    esac
}
for w in 12 -x + '*' 'a*' ab '' f.c last; do kind "$w"; done
case x in y) echo no ;; esac; echo $?
case x in x) false ;; esac; echo $?
case a in b) ;; esac && echo none
args() { echo "$# $1 $2"; shift; echo "$# $1"; }
set -- outer
args a 'b c'
echo "$# $1"
count() {
    if [ $1 -eq 0 ]; then return 7; fi
    echo $1
    count $(($1 - 1))
    status=$?
    return $status
}
count 3; echo $?
find3() { for i in 1 2 3 4; do while true; do [ $i -eq 3 ] && return 5; break; done; echo $i; done; }
find3; echo "$? $i"
pipe() { while read l; do echo "<$l>"; done; }
printf() { echo "my $1"; }
echo one | pipe
printf x
(inner() { echo inner; }; inner); inner 2>/dev/null; echo $?
f() { echo first; f() { echo second; }; echo still; }
f; f
out() { echo to-file; } >file
out; cat file
both() { echo o; echo e >&2; }
both 2>&1 | pipe
v=1; setv() { v=2; }; setv; echo $v
x=$(kind 9); echo "[$x]"
name=World
cat <<END
Hello $name, $((1 + 2)) \$name "quoted" $(echo sub)
  two \
lines
END
cat <<'END'
Hello $name \ "x"
END
cat <<-END
	tabs gone
		twice
	END
cat <<A; cat <<B
first
A
second
B
while read l; do echo "got $l"; done <<END
1
2
END
pipe <<END | cat
piped
END
cat <<END
END
if true; then cat <<END
inside
END
fi
show() {
    cat <<END
$1 here
END
}
show a; show b
true & wait $!; echo $?
(exit 9) & wait $!; echo $?
fg 2>/dev/null; echo $?
