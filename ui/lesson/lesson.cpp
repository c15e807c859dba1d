#include "lesson/lesson.hpp"

#include "base/json_object.hpp"
#include "base/nearest.hpp"
#include "event/event.hpp"
#include "session/breakpoint.hpp"

#include <algorithm>
#include <set>

namespace forkscope {

using Json = nlohmann::json;

namespace {

class LessonReader {
public:
    explicit LessonReader(const LessonNames& names) : names_(names) {}

    Result<Lesson> read(const Json& json, const std::string& where) {
        JsonObject reader(json, where);
        Lesson lesson;
        lesson.title = reader.text("title", true);
        lesson.about = reader.text("about");
        reader.number("pass", lesson.pass, 1, 100);
        const Json* steps = reader.need("steps", "an array of steps");
        if (steps != nullptr && (!steps->is_array() || steps->empty()))
            reader.fail("steps", "an array of steps", shown_json(*steps));
        if (const Result<void> read = reader.finish(); !read)
            return read.error();
        for (std::size_t i = 0; i < steps->size(); ++i) {
            auto step = read_step((*steps)[i], reader.at("steps/" + std::to_string(i)));
            if (!step)
                return step.error();
            lesson.steps.push_back(std::move(*step));
        }
        return lesson;
    }

private:
    Result<LessonStep> read_step(const Json& json, const std::string& where) {
        JsonObject reader(json, where);
        LessonStep step;
        step.name = reader.text("name");
        step.run_to = destination(reader, "run_to");
        step.text = reader.text("text");
        const Json* question = reader.find("question");
        if (!step.name.empty() && !steps_.insert(step.name).second)
            reader.fail("name", "a name that no other step has", '"' + step.name + '"');
        if (step.text.empty() && question == nullptr)
            reader.fail("text", "text, or a question", "nothing");
        if (const Result<void> read = reader.finish(); !read)
            return read.error();
        if (question != nullptr) {
            auto read = read_question(*question, reader.at("question"));
            if (!read)
                return read.error();
            step.question = std::move(*read);
        }
        return step;
    }

    std::string destination(JsonObject& reader, const char* key) {
        std::string text = reader.text(key);
        if (text.empty() || text == kLessonEnd)
            return text;
        const auto breakpoint = parse_breakpoint(text, names_.symbols, names_.favourite);
        if (!breakpoint)
            reader.fail(Error{reader.at(key) + ": " + breakpoint.error().message});
        return text;
    }

    Result<LessonQuestion> read_question(const Json& json, const std::string& where) {
        JsonObject reader(json, where);
        LessonQuestion question;
        question.id = reader.text("id", true);
        question.ask = reader.text("ask", true);
        question.predict = destination(reader, "predict");
        reader.texts("choices", question.choices);
        reader.texts("hints", question.hints);
        question.because = reader.text("because");
        const u64 least = question.hints.size() + 1;
        question.points = least;
        reader.number("points", question.points, least, 1000);
        const Json* answer = reader.need("answer", "an object with a query");
        if (!question.id.empty() && !questions_.insert(question.id).second)
            reader.fail("id", "an id that no other question has", '"' + question.id + '"');
        if (question.choices.size() == 1)
            reader.fail("choices", "at least two choices", "one");
        if (const Result<void> read = reader.finish(); !read)
            return read.error();
        auto query = read_query(*answer, reader.at("answer"));
        if (!query)
            return query.error();
        question.answer = std::move(*query);
        if (question.choices.empty() && question.answer.info->kind == AnswerKind::YesNo)
            question.choices = {"yes", "no"};
        for (std::size_t i = 0; i < question.choices.size(); ++i)
            if (!plain_answer(question.answer.info->kind, question.choices[i]))
                return Error{where + "/choices/" + std::to_string(i) + ": expected " +
                             std::string(answer_kind_words(question.answer.info->kind)) +
                             ", found \"" + question.choices[i] + '"'};
        return question;
    }

    Result<Query> read_query(const Json& json, const std::string& where) {
        JsonObject reader(json, where);
        Query query;
        const std::string name = reader.text("query", true);
        query.info = find_query(name);
        if (query.info == nullptr) {
            std::vector<std::string_view> known;
            for (const QueryInfo& info : query_infos())
                known.push_back(info.name);
            reader.fail("query", "the name of a query", '"' + name + '"' + suggestion(name, known));
            return reader.finish().error();
        }
        read_parts(reader, query);
        if (const Result<void> read = reader.finish(); !read)
            return read.error();
        return query;
    }

    void read_parts(JsonObject& reader, Query& query) {
        const auto part = [&](unsigned bit, const char* key) {
            if (((query.info->needs | query.info->permits) & bit) == 0)
                return std::string();
            return reader.text(key, (query.info->needs & bit) != 0);
        };
        query.process = process(reader, "process", part(kProcess, "process"));
        query.other = process(reader, "other", part(kOther, "other"));
        query.since = part(kSince, "since");
        if (!query.since.empty() && !steps_.contains(query.since))
            reader.fail("since", "the name of this step or one before it", '"' + query.since + '"');
        query.event = part(kEvent, "event");
        if (!query.event.empty())
            check_event(reader, query.event);
        query.name = part(kName, "name");
        if (query.info->name == "register" && !query.name.empty() && !register_number(query.name))
            reader.fail("name", "x0 to x30", '"' + query.name + '"');
        if (const std::string address = part(kAddress, "address"); !address.empty())
            read_address(reader, address, query);
    }

    static std::optional<ProcessPath> process(JsonObject& reader, const char* key,
                                              const std::string& text) {
        if (text.empty())
            return std::nullopt;
        auto path = parse_process_path(text);
        if (!path)
            reader.fail(key, "init, self, job, job/1 (its first child) or a pid", '"' + text + '"');
        return path;
    }

    static void check_event(JsonObject& reader, const std::string& event) {
        std::vector<std::string_view> known;
        for (const EventInfo& info : event_infos())
            known.push_back(info.name);
        if (std::ranges::find(known, event) == known.end())
            reader.fail("event", "the name of an event",
                        '"' + event + '"' + suggestion(event, known));
    }

    void read_address(JsonObject& reader, const std::string& text, Query& query) const {
        query.has_address = true;
        if (text.starts_with("0x")) {
            const auto plain = plain_answer(AnswerKind::Address, text);
            if (!plain)
                return reader.fail("address", "a symbol or a hexadecimal number", '"' + text + '"');
            query.address = std::stoull(*plain);
            return;
        }
        const auto place = names_.symbols.find(text, names_.favourite);
        if (!place)
            return reader.fail(Error{reader.at("address") + ": " + place.error().message});
        query.address = place->address;
    }

    const LessonNames& names_;
    std::set<std::string> steps_;
    std::set<std::string> questions_;
};

} // namespace

u64 Lesson::points() const {
    u64 sum = 0;
    for (const LessonStep& step : steps)
        sum += step.question ? step.question->points : 0;
    return sum;
}

Result<Lesson> parse_lesson(const std::string& json, const std::string& source,
                            const LessonNames& names) {
    return LessonReader(names).read(Json::parse(json), source + ": /lesson");
}

} // namespace forkscope
