#include "cli/timing_setup.hpp"

#include "base/text.hpp"
#include "cli/bundle.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDefaultModel = "cortex-a55.json";

// The file itself, or the bundled model of that name.
fs::path model_file(const fs::path& asked) {
    std::error_code ignored;
    if (asked.empty()) {
        return timing_models() / kDefaultModel;
    }
    if (fs::exists(asked, ignored)) {
        return asked;
    }
    for (const fs::path& name : {asked.filename(), fs::path(asked.filename().string() + ".json")}) {
        if (fs::exists(timing_models() / name, ignored)) {
            return timing_models() / name;
        }
    }
    return asked;
}

// "cortex-a55, small, ..."
std::string bundled_models() {
    std::set<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(timing_models(), ignored)) {
        names.insert(entry.path().stem().string());
    }
    return joined(names, ", ");
}

Result<void> change_cache(const CacheConfig& change, const std::string& where,
                          timing::CacheGeometry& cache) {
    nlohmann::json json = nlohmann::json::object();
    const std::pair<const char*, const std::optional<u64>&> numbers[] = {
        {"size", change.size},
        {"ways", change.ways},
        {"line", change.line},
        {"latency", change.latency}};
    for (const auto& [name, value] : numbers) {
        if (value) {
            json[name] = *value;
        }
    }
    if (change.replacement) {
        json["replacement"] = *change.replacement;
    }
    return json.empty() ? Result<void>() : timing::apply_cache(json, where, cache);
}

} // namespace

fs::path timing_models() {
    return default_config().parent_path() / "timing";
}

fs::path plugin_script() {
    return default_config().parent_path().parent_path() / "cmake/qemu-cache-plugin.sh";
}

Result<std::optional<timing::TimingModel>> set_up_timing(const Config& config,
                                                         const fs::path& file) {
    const std::string where = file.string() + ": /timing/";
    const fs::path path = model_file(config.timing.model);
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
        return Error{where + "model: expected the path of a timing model or one of " +
                     bundled_models() + ", found \"" + path.string() + "\": no such file"};
    }
    Result<timing::TimingModel> model = timing::read_timing_model(path);
    if (!model) {
        return model.error();
    }
    const TimingConfig& timing = config.timing;
    for (const auto& [name, change, cache] :
         {std::tuple("l1i", &timing.l1i, &model->l1i), std::tuple("l1d", &timing.l1d, &model->l1d),
          std::tuple("l2", &timing.l2, &model->l2)}) {
        if (Result<void> changed = change_cache(*change, where + name, *cache); !changed) {
            return changed.error();
        }
        if (timing.mode == TimingMode::CycleLevel && cache->size == 0) {
            return Error{path.string() + ": /" + name +
                         ": expected a cache, found none: this model is of a pipeline only"};
        }
    }
    if (timing.mode == TimingMode::Functional) {
        return std::optional<timing::TimingModel>();
    }
    return std::optional(std::move(*model));
}

} // namespace forkscope
