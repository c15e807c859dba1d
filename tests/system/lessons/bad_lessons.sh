#!/bin/bash
# usage: bad_lessons.sh BUILD
set -euo pipefail
source "$(dirname "$0")/../guest/common.sh" "$1"

# refused LESSON MESSAGE: `check` and `run` refuse it with status 2 and that line.
refused() {
  local status command
  printf '{"machine": {"append": "job=/bin/lesson-cow"}, "lesson": %s}' "$1" >"$scratch/bad.json"
  for command in check run; do
    status=0
    timeout 60 "$build/forkscope" $command "$scratch/bad.json" >"$scratch/out" 2>&1 </dev/null || status=$?
    [ $status = 2 ] || { cat "$scratch/out" >&2; fail "$command of $1 ended with status $status"; }
    [ "$(wc -l <"$scratch/out")" = 1 ] || { cat "$scratch/out" >&2; fail "more than one line"; }
    grep -qF "$scratch/bad.json: $2" "$scratch/out" ||
      { cat "$scratch/out" >&2; fail "expected: $2"; }
  done
}
step() { echo "{\"title\": \"t\", \"steps\": [$1]}"; }
question() {
  step "{\"name\": \"here\", \"text\": \"x\", \"question\": {\"id\": \"q\", \"ask\": \"?\", \"answer\": $1}}"
}

refused '[]' '/lesson: expected a lesson'
refused '{"steps": []}' '/lesson/title: expected text, found nothing'
refused '{"title": "t", "steps": []}' '/lesson/steps: expected an array of steps, found []'
refused '{"title": "t", "pass": 101, "steps": [{"text": "x"}]}' '/lesson/pass: expected a whole number'
refused "$(step '{"text": "x", "runto": "fork"}')" \
  '/lesson/steps/0/runto: expected one of name, run_to, text, question, found "runto" (did you mean "run_to"?)'
refused "$(step '{"name": "x"}')" '/lesson/steps/0/text: expected text, or a question'
refused "$(step '{"text": "x", "run_to": "befor_fork"}')" \
  '/lesson/steps/0/run_to: breakpoint "befor_fork": no symbol befor_fork (did you mean "before_fork"?)'
refused "$(step '{"text": "x", "run_to": "fault permision"}')" \
  '/lesson/steps/0/run_to: breakpoint "fault permision": no kind of fault permision'
refused "$(question '{"query": "frame.shares"}')" \
  '/lesson/steps/0/question/answer/query: expected the name of a query, found "frame.shares" (did you mean "frame.sharers"?)'
refused "$(question '{"query": "frame.sharers", "process": "job"}')" \
  '/lesson/steps/0/question/answer/address: expected text, found nothing'
refused "$(question '{"query": "frame.sharers", "process": "son", "address": "page"}')" \
  '/lesson/steps/0/question/answer/process: expected init, self, job'
refused "$(question '{"query": "frame.sharers", "process": "job", "address": "pgae"}')" \
  '/lesson/steps/0/question/answer/address: no symbol pgae (did you mean "page"?)'
refused "$(question '{"query": "processes.zombies", "process": "job"}')" \
  '/lesson/steps/0/question/answer/process: expected one of query, found "process"'
refused "$(question '{"query": "events.count", "event": "uvm:::cow_cpy"}')" \
  '/lesson/steps/0/question/answer/event: expected the name of an event, found "uvm:::cow_cpy" (did you mean "uvm:::cow_copy"?)'
refused "$(question '{"query": "events.count", "event": "fault", "since": "there"}')" \
  '/lesson/steps/0/question/answer/since: expected the name of this step or one before it, found "there"'
refused "$(question '{"query": "register", "name": "x31"}')" \
  '/lesson/steps/0/question/answer/name: expected x0 to x30, found "x31"'

# Answers that belong to no question, and flags without a lesson.
printf '{"machine": {"append": "job=/bin/lesson-cow"}, "lesson": %s}' \
  "$(question '{"query": "processes.zombies"}')" >"$scratch/good.json"
echo '{"p": 1}' >"$scratch/answers.json"
status=0
"$build/forkscope" run "$scratch/good.json" --answers "$scratch/answers.json" \
  >"$scratch/out" 2>&1 </dev/null || status=$?
[ $status = 2 ] && grep -qF '/p: expected the id of a question' "$scratch/out" ||
  { cat "$scratch/out" >&2; fail "an answer to no question is taken (status $status)"; }
status=0
"$build/forkscope" run --solve "$scratch/none.json" >"$scratch/out" 2>&1 </dev/null || status=$?
[ $status = 2 ] && [ ! -e "$scratch/none.json" ] ||
  { cat "$scratch/out" >&2; fail "a run without a lesson is solved (status $status)"; }
