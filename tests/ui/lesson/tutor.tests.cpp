#include "lesson/tutor.hpp"
#include "model/lesson.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

// init (1) with a child (2), which has the children 3 and 4; 4 is a zombie.
std::shared_ptr<const Snapshot> family() {
    auto snapshot = std::make_shared<Snapshot>();
    const auto add = [&](u32 pid, u32 parent, ProcessState state) {
        ProcessView process;
        process.pid = pid;
        process.parent = process.first_parent = parent;
        process.name = "p" + std::to_string(pid);
        process.state = state;
        snapshot->processes.push_back(process);
    };
    add(1, 0, ProcessState::Sleeping);
    add(2, 1, ProcessState::OnCpu);
    add(3, 2, ProcessState::Runnable);
    add(4, 2, ProcessState::Zombie);
    snapshot->cpu.pid = 2;
    snapshot->cpu.x[7] = 0x10;
    return snapshot;
}

Answer answer_of(const std::string& query) {
    const std::string json = R"({"title": "t", "steps": [{"question":
        {"id": "q", "ask": "?", "answer": )" +
                             query + "}}]}";
    const Result<Lesson> lesson = parse_lesson(json, "test", {});
    REQUIRE(lesson.ok());
    const Result<Answer> answer = lesson->steps[0].question->answer.answer(*family(), {});
    REQUIRE(answer.ok());
    return *answer;
}

Lesson two_questions() {
    Result<Lesson> lesson = parse_lesson(R"({"title": "t", "pass": 50, "steps": [
        {"question": {"id": "zombies", "ask": "?", "answer": {"query": "processes.zombies"},
                      "hints": ["one", "two"]}},
        {"question": {"id": "state", "ask": "?", "predict": "end",
                      "answer": {"query": "process.state", "process": "job/2"},
                      "choices": ["R", "Z"]}}]})",
                                         "test", {});
    REQUIRE(lesson.ok());
    return *lesson;
}

} // namespace

TEST_CASE("lesson: numbers, words, yes and trees are understood as people write them",
          "[ui][lesson]") {
    using enum AnswerKind;
    CHECK(plain_answer(Number, " 1,024 ") == "1024");
    CHECK(plain_answer(Number, "0X1f") == "31");
    CHECK(plain_answer(Number, "0b11") == "3");
    CHECK(plain_answer(Number, "0x") == std::nullopt);
    CHECK(plain_answer(Number, "-1") == std::nullopt);
    CHECK(plain_answer(Number, "18446744073709551616") == std::nullopt);
    CHECK(plain_answer(Address, "0x40001000") == plain_answer(Address, "1073745920"));
    CHECK(plain_answer(Word, "Eagain. ") == "eagain");
    CHECK(plain_answer(Word, "  ") == std::nullopt);
    CHECK(plain_answer(YesNo, "Y") == "yes");
    CHECK(plain_answer(YesNo, "false") == "no");
    CHECK(plain_answer(YesNo, "maybe") == std::nullopt);
    CHECK(plain_answer(Tree, "1 ( 2(4,3) )") == "1(2(3 4))");
    CHECK(plain_answer(Tree, "1()") == "1");
    for (const char* bad : {"1(2", "1)2", "", "1(x)", "1(2 2)"})
        CHECK(plain_answer(Tree, bad) == std::nullopt);
    CHECK(plain_answer(Tree, std::string(1000, '(')) == std::nullopt);
    CHECK_FALSE(says_the_same(number_answer(2), ""));
}

TEST_CASE("lesson: processes are found by birth, by place and by number", "[ui][lesson]") {
    CHECK(answer_of(R"({"query": "process.name", "process": "job"})").text == "p2");
    CHECK(answer_of(R"({"query": "process.name", "process": "job/1"})").text == "p3");
    CHECK(answer_of(R"({"query": "process.state", "process": "job/2"})").text == "Z");
    CHECK(answer_of(R"({"query": "process.pid", "process": "init/1/1"})").text == "3");
    CHECK(answer_of(R"({"query": "process.parent", "process": "4"})").text == "2");
    CHECK(answer_of(R"({"query": "process.name", "process": "self"})").text == "p2");
    CHECK(answer_of(R"({"query": "processes.alive"})").text == "3");
    CHECK(answer_of(R"({"query": "processes.alive", "name": "p4"})").text == "0");
    CHECK(answer_of(R"({"query": "processes.tree", "process": "init"})").text == "1(2(3 4))");
    CHECK(answer_of(R"({"query": "register", "name": "x7"})").text == "16");
}

TEST_CASE("lesson: a hint costs a point, and a prediction is settled where it comes true",
          "[ui][lesson]") {
    const Lesson lesson = two_questions();
    Tutor tutor(lesson);
    CHECK(tutor.destination().empty());
    REQUIRE(tutor.arrive(family(), false).ok());
    CHECK(tutor.hint());
    REQUIRE(tutor.answer("1").ok());
    CHECK(tutor.points() == 2);
    CHECK(model_lesson(tutor).verdict == "Right: 1. 2 of 3 points.");
    REQUIRE(tutor.next().ok());
    CHECK(tutor.stage() == LessonStage::Asking);
    REQUIRE(tutor.answer("r").ok());
    CHECK(tutor.stage() == LessonStage::Running);
    CHECK(tutor.destination() == kLessonEnd);
    REQUIRE(tutor.arrive(family(), true).ok());
    CHECK(model_lesson(tutor).verdict == "Not right: 0 of 1 point. You said r; it is Z.");
    REQUIRE(tutor.next().ok());
    CHECK(tutor.stage() == LessonStage::Done);
    CHECK(tutor.passed());
    CHECK(result_words(tutor) == "2 of 4 points, 50 %; 50 % are needed: passed");
}

TEST_CASE("lesson: it knows the place ahead that the run must not go past", "[ui][lesson]") {
    const Result<Lesson> lesson = parse_lesson(R"({"title": "t", "steps": [
        {"run_to": "0x1000", "text": "one"},
        {"text": "two"},
        {"question": {"id": "q", "ask": "?", "predict": "0x2000",
                      "answer": {"query": "processes.zombies"}}},
        {"run_to": "0x3000", "text": "three"},
        {"run_to": "end", "text": "four"}]})",
                                               "test", {});
    REQUIRE(lesson.ok());
    Tutor tutor(*lesson);
    CHECK(tutor.destination() == "0x1000");
    std::vector<std::string> ahead;
    while (tutor.stage() != LessonStage::Done) {
        if (tutor.stage() == LessonStage::Running) {
            REQUIRE(tutor.arrive(family(), tutor.destination() == kLessonEnd).ok());
            continue;
        }
        ahead.push_back(tutor.ahead());
        REQUIRE((tutor.stage() == LessonStage::Asking ? tutor.answer("1") : tutor.next()).ok());
    }
    CHECK(ahead == std::vector<std::string>{"0x2000", "0x2000", "0x2000", "0x3000", "", ""});
}

TEST_CASE("lesson: hints end, and no answer gets no points", "[ui][lesson]") {
    const Lesson lesson = two_questions();
    Tutor tutor(lesson);
    CHECK_FALSE(tutor.hint());
    REQUIRE(tutor.arrive(family(), false).ok());
    CHECK((tutor.hint() && tutor.hint()));
    CHECK_FALSE(tutor.hint());
    REQUIRE(tutor.answer("").ok());
    CHECK(tutor.points() == 0);
    CHECK(model_lesson(tutor).verdict == "Not right: 0 of 3 points. No answer; it is 1.");
}

TEST_CASE("lesson: a lesson that this run does not fit is reported", "[ui][lesson]") {
    const auto answered = [](const std::string& question) {
        const Result<Lesson> lesson = parse_lesson(
            R"({"title": "t", "steps": [{"run_to": "0x1000", "question": )" + question + "}]}",
            "test", {});
        REQUIRE(lesson.ok());
        Tutor tutor(*lesson);
        REQUIRE(tutor.arrive(family(), false).ok());
        const Result<void> result = tutor.answer("1");
        return result ? std::string() : result.error().message;
    };
    CHECK(answered(R"({"id": "q", "ask": "?", "choices": ["2", "3"],
                       "answer": {"query": "processes.zombies"}})") ==
          "question \"q\": the right answer, 1, is not among the choices");
    CHECK(answered(R"({"id": "q", "ask": "?",
                       "answer": {"query": "process.pid", "process": "job/3"}})") ==
          "question \"q\": there is no process job/3 at this moment");
    const Result<Lesson> lesson =
        parse_lesson(R"({"title": "t", "steps": [{"run_to": "0x1000", "text": "x"}]})", "test", {});
    Tutor tutor(*lesson);
    CHECK(tutor.arrive(family(), true).error().message ==
          "the run ended before it came to \"0x1000\" (step 1 of 1)");
}
