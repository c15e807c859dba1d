#include "cli/lesson_command.hpp"

#include "base/nearest.hpp"
#include "cli/guest_symbols.hpp"
#include "cli/output_files.hpp"
#include "model/lesson.hpp"
#include "ui/columns.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace forkscope {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

// A line of stdin; nothing at its end.
std::optional<std::string> read_line() {
    std::string line;
    return std::getline(std::cin, line) ? std::optional(line) : std::nullopt;
}

// Runs to where the tutor wants to be, or to `last`: then the tutor is still Running.
Result<void> travel(Tutor& tutor, Stepper& stepper, Cycle last = ~Cycle{0}) {
    const std::string& destination = tutor.destination();
    if (destination == kLessonEnd) {
        stepper.run_to_cycle(last);
    } else if (!destination.empty()) {
        const Result<u32> breakpoint = stepper.add_breakpoint(destination);
        if (!breakpoint)
            return breakpoint.error();
        stepper.run_to_cycle(last);
        stepper.remove_breakpoint(*breakpoint);
    }
    const bool arrived = stepper.at_breakpoint() || stepper.ended();
    if (!destination.empty() && !arrived && stepper.result().cycles >= last)
        return {};
    if (!destination.empty() && !stepper.at_breakpoint() && !stepper.ended())
        return Error{"the run did not come to \"" + destination + "\": " + stepper.why()};
    return tutor.arrive(stepper.snapshot(), stepper.ended());
}

// Asks the terminal until the answer is one.
std::string ask(Tutor& tutor) {
    const AnswerKind kind = tutor.step().question->answer.info->kind;
    for (;;) {
        say("> ");
        const std::optional<std::string> line = read_line();
        if (!line)
            return {};
        if (*line == "?") {
            say(tutor.hint() ? wrap("  hint: ", model_lesson(tutor).hints.back())
                             : "  There is no other hint.\n");
            continue;
        }
        if (plain_answer(kind, *line))
            return *line;
        say("  Expected " + std::string(answer_kind_words(kind)) + "; ? gives a hint.\n");
    }
}

void show_step(const LessonModel& model) {
    say("\n" + wrap("", model.text.empty() ? "(" + model.progress + ")"
                                           : "(" + model.progress + ") " + model.text));
    if (model.ask.empty())
        return;
    say(wrap("", model.ask));
    for (const std::string& choice : model.choices)
        say(wrap("  - ", choice));
    std::string form = model.choices.empty() ? model.expected : "";
    if (model.hints_left != 0)
        form += (form.empty() ? "" : "; ") + std::string("? gives a hint, and costs a point");
    if (!form.empty())
        say("  (" + form + ")\n");
}

void show_verdict(const LessonModel& model) {
    say(wrap("  ", model.verdict));
    if (!model.because.empty())
        say(wrap("  ", model.because));
}

std::string graded(const Tutor& tutor) {
    std::string text = "\nLesson: " + tutor.lesson().title + "\n";
    auto outcome = tutor.outcomes().begin();
    for (const LessonStep& step : tutor.lesson().steps) {
        if (!step.question)
            continue;
        text += wrap("  " + outcome->id + ": ", step.question->ask);
        text += wrap("      ", verdict_words(*outcome++));
    }
    return text;
}

class TerminalLesson {
public:
    explicit TerminalLesson(Tutor& tutor) : tutor_(tutor) {}

    void begin() const {
        say("Lesson: " + tutor_.lesson().title + "\n");
        if (!tutor_.lesson().about.empty())
            say(wrap("", tutor_.lesson().about));
    }
    // What the tutor is asked is answered: next() comes.
    Result<void> step() {
        show_step(model_lesson(tutor_));
        if (tutor_.stage() == LessonStage::Asking)
            return tutor_.answer(ask(tutor_));
        wait();
        return {};
    }
    void verdict() const {
        show_verdict(model_lesson(tutor_));
        wait();
    }

private:
    static void wait() {
        if (isatty(STDIN_FILENO) == 0)
            return;
        say("[Enter] ");
        (void)read_line();
    }
    Tutor& tutor_;
};

// One step of the lesson by itself: travel, tell, answer or go on.
Result<void> advance(Tutor& tutor, Stepper& stepper, const std::optional<GivenAnswers>& answers,
                     TerminalLesson* terminal) {
    switch (tutor.stage()) {
    case LessonStage::Running:
        return travel(tutor, stepper);
    case LessonStage::Asking:
        if (terminal != nullptr)
            return terminal->step();
        if (answers) {
            const auto given = answers->find(tutor.step().question->id);
            return tutor.answer(given == answers->end() ? "" : given->second);
        }
        return tutor.answer("");
    case LessonStage::Telling:
        if (terminal != nullptr)
            if (const Result<void> told = terminal->step(); !told)
                return told;
        return tutor.next();
    case LessonStage::Answered:
        if (terminal != nullptr)
            terminal->verdict();
        return tutor.next();
    case LessonStage::Done:
        break;
    }
    return {};
}

std::string solutions(const Tutor& tutor) {
    Json json = Json::object();
    for (const LessonOutcome& outcome : tutor.outcomes())
        json[outcome.id] = outcome.right.text;
    return json.dump(2) + "\n";
}

Result<Lesson> read_lesson(const Config& config, const fs::path& file, const LessonNames& names) {
    if (config.console.input == ConsoleInput::Stdin)
        return Error{file.string() + ": /console/input: expected \"none\" with a lesson, whose "
                                     "answers come from stdin, found \"stdin\""};
    return parse_lesson(config.lesson, file.string(), names);
}

Result<GivenAnswers> read_answers(const fs::path& file, const Lesson& lesson) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return Error{file.string() + ": cannot be read"};
    const Json json = Json::parse(stream, nullptr, false);
    if (!json.is_object())
        return Error{file.string() + ": /: expected a JSON object: answers by question, found " +
                     (json.is_discarded() ? "no JSON" : json.type_name())};
    std::vector<std::string_view> ids;
    for (const LessonStep& step : lesson.steps)
        if (step.question)
            ids.push_back(step.question->id);
    GivenAnswers answers;
    for (const auto& [id, value] : json.items()) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end())
            return Error{file.string() + ": /" + id + ": expected the id of a question, found \"" +
                         id + '"' + suggestion(id, ids)};
        if (!value.is_string() && !value.is_number_unsigned() && !value.is_boolean())
            return Error{file.string() + ": /" + id +
                         ": expected text, a whole number, true or false, found " +
                         value.type_name()};
        answers[id] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return answers;
}

} // namespace

Result<void> check_lesson(const Config& config, const fs::path& file) {
    if (config.lesson.empty())
        return {};
    const Result<Lesson> lesson = read_lesson(config, file, guest_symbols(config));
    return lesson ? Result<void>() : lesson.error();
}

Result<std::unique_ptr<LessonRun>> LessonRun::set_up(const RunOptions& options,
                                                     const Config& config, const fs::path& file) {
    std::unique_ptr<LessonRun> run;
    if (config.lesson.empty()) {
        if (options.answers || options.solve)
            return Error{std::string("forkscope run: ") +
                         (options.answers ? "--answers" : "--solve") + " is for lessons, and " +
                         file.string() + " has none"};
        return run;
    }
    Result<Lesson> lesson = read_lesson(config, file, guest_symbols(config));
    if (!lesson)
        return lesson.error();
    run.reset(new LessonRun);
    run->lesson_ = std::move(*lesson);
    run->tutor_.emplace(run->lesson_);
    run->solve_ = options.solve;
    if (options.answers) {
        Result<GivenAnswers> answers = read_answers(*options.answers, run->lesson_);
        if (!answers)
            return answers.error();
        run->answers_ = std::move(*answers);
    }
    return run;
}

void LessonRun::follow(Stepper& stepper, Cycle last) {
    while (tutor_->stage() != LessonStage::Done) {
        const LessonStage before = tutor_->stage();
        const Result<void> done = before == LessonStage::Running
                                      ? travel(*tutor_, stepper, last)
                                      : advance(*tutor_, stepper, std::nullopt, nullptr);
        const LessonStage now = tutor_->stage();
        if (!done || (before == LessonStage::Running && now == before))
            return; // `last` came first
        if (now == LessonStage::Telling || now == LessonStage::Asking)
            told_.emplace(*tutor_);
    }
}

Result<ExitStatus> LessonRun::run(Stepper& stepper) {
    TerminalLesson terminal(*tutor_);
    const bool asks = !answers_ && !solve_;
    if (asks)
        terminal.begin();
    while (tutor_->stage() != LessonStage::Done) {
        const Result<void> done = advance(*tutor_, stepper, answers_, asks ? &terminal : nullptr);
        if (!done)
            return Error{"lesson \"" + lesson_.title + "\": " + done.error().message};
    }
    return conclude();
}

Result<ExitStatus> LessonRun::conclude() const {
    if (solve_) {
        const Result<void> written = write_file(*solve_, solutions(*tutor_));
        return written ? Result<ExitStatus>(ExitStatus::Success) : written.error();
    }
    say((answers_ ? graded(*tutor_) : "\n") + "Score: " + result_words(*tutor_) + "\n");
    return tutor_->passed() ? ExitStatus::Success : ExitStatus::GuestFailure;
}

} // namespace forkscope
