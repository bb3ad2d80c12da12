#include "services/matcher/refitting.h"

#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "matcher/fit/features.h"
#include "matcher/fit/refit.h"
#include "matcher/fit/sample.h"
#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/contract/validate.h"
#include "services/matcher/event_codec.h"
#include "services/matcher/folding.h"
#include "services/matcher/methods.h"
#include "services/matcher/model_codec.h"
#include "services/matcher/reasons.h"
#include "services/matcher/responses.h"
#include "services/matcher/results.h"
#include "services/runtime/errors.h"
#include "services/storage/event_log.h"
#include "services/storage/request_ledger.h"

namespace rapport::matcher_service {
namespace {

using matcher::v1::FitModel;
using matcher::v1::RefitModelRequest;
using matcher::v1::RefitModelResponse;
using matcher::v1::RefitOutcome;
using runtime::Error;

// Serving goes first wherever both want a processor.
constexpr int kNiceness = 10;

// What an estimate is made from at most: covariances are known to a few per cent by then, and it takes
// minutes.
constexpr std::size_t kMostFitChecks = 30'000;

void Tell(const RefitWriter& writer, const char* stage, double done) {
  RefitModelResponse response;
  response.mutable_progress()->set_stage(stage);
  response.mutable_progress()->set_done(done);
  writer.Write(response);
}

absl::Status Ended() {
  return Error(absl::StatusCode::kCancelled, runtime::kCallCancelled,
               "the refit was ended: nothing was published");
}

absl::Status UnknownModel(std::int64_t version) {
  return Error(absl::StatusCode::kNotFound, kUnknownModel,
               absl::StrCat("no model ", version, " was published in this network"),
               {{"version", absl::StrCat(version)}});
}

// The same, where a catalog has so many channels and features that what each client takes during an estimate
// would fill the memory beside serving.
std::size_t MostFitChecks(const matcher::Catalog& catalog) {
  constexpr double kMostNumbers = 128e6;  // 1 GB
  const auto channels = static_cast<double>(catalog.channels().size());
  const auto facets = static_cast<double>(catalog.lists().facets.size());
  const auto features = static_cast<double>(matcher::FeatureSpace(catalog).size());
  return static_cast<std::size_t>(std::clamp(kMostNumbers / ((channels + facets) * channels * features), 1e3,
                                             static_cast<double>(kMostFitChecks)));
}

// The fit checks of the log as they were heard, with the wishes known then and the profile of then: of every
// client, or of a share of them where there are more than MostFitChecks.
// Those that the serving model was estimated from are marked; day 0 was estimated from none.
absl::StatusOr<matcher::HeardSample> ReadHeard(const matcher::Catalog& catalog,
                                               const storage::Database& database, const std::string& network,
                                               std::int64_t serving_version,
                                               const std::atomic<bool>& cancelled) {
  matcher::HeardSample sample(MostFitChecks(catalog));
  absl::flat_hash_map<std::string, std::shared_ptr<const matcher::Therapist>> profiles;
  absl::flat_hash_map<std::string, matcher::ClientContext> contexts;
  const auto each = [&](std::int64_t position, const log::v1::Event& message) -> absl::Status {
    if (cancelled) return Ended();
    matcher::Event event = ToDomain(catalog, position, message);
    if (auto* upserted = std::get_if<matcher::TherapistUpserted>(&event.what)) {
      profiles[upserted->therapist->id] = upserted->therapist;
    } else if (auto* deleted = std::get_if<matcher::TherapistDeleted>(&event.what)) {
      profiles.erase(deleted->therapist_id);
    } else if (auto* reserved = std::get_if<matcher::SlotReserved>(&event.what)) {
      // A reservation of a therapist who is not held changes nothing, as in Apply.
      if (profiles.contains(reserved->therapist_id)) contexts[reserved->client_id] = reserved->context;
    } else if (auto* recorded = std::get_if<matcher::FitRecorded>(&event.what)) {
      auto fit_check = std::make_shared<matcher::FitCheck>(std::move(recorded->fit_check));
      matcher::ClientContext& context = contexts[fit_check->client_id];
      if (fit_check->context) {
        context = *fit_check->context;
      } else {
        fit_check->context = context;
      }
      const auto profile = profiles.find(fit_check->therapist_id);
      sample.Add({std::move(fit_check), profile == profiles.end() ? nullptr : profile->second});
    } else if (message.has_model_published() &&
               message.model_published().model().version() == serving_version) {
      sample.Mark(static_cast<std::size_t>(message.model_published().model().fit_checks()));
    }
    return absl::OkStatus();
  };
  if (absl::Status read = ReadLog(database, network, 0, each); !read.ok()) return read;
  return sample;
}

storage::request_ledger::Key KeyOf(const runtime::Call& call, const RefitModelRequest& request) {
  return {call.identity.network, kRefitModel.full_name, request.request_id()};
}

}  // namespace

Refitting::Refitting(std::shared_ptr<const matcher::Catalog> catalog, const storage::Database& database,
                     const Networks& networks, LogWriter& writer, const runtime::Clock& clock)
    : catalog_(std::move(catalog)),
      database_(database),
      networks_(networks),
      writer_(writer),
      clock_(clock) {}

Refitting::~Refitting() {
  Stop();
}

void Refitting::Stop() {
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (cancel_running_ != nullptr) *cancel_running_ = true;
    thread.swap(thread_);
  }
  if (thread.joinable()) thread.join();
}

absl::StatusOr<matcher::v1::GetModelResponse> Refitting::Get(
    const runtime::Call& call, const matcher::v1::GetModelRequest& request) const {
  runtime::Violations violations;
  if (request.version() < 0) violations.Add("version", "must not be negative");
  if (request.min_as_of() < 0) violations.Add("min_as_of", "must not be negative");
  if (!violations.empty()) return violations.ToStatus();
  const auto state = networks_.HeadAtLeast(call.identity.network, request.min_as_of());
  if (!state.ok()) return state.status();
  const matcher::Parameters& in_force = (*state)->model.parameters();
  const std::int64_t version = request.has_version() ? request.version() : in_force.version;
  matcher::v1::GetModelResponse response;
  absl::StatusOr<FitModel> model = Earlier(call.identity.network, version);
  if (!model.ok()) return model.status();
  *response.mutable_model() = *std::move(model);
  const auto aside = networks_.set_aside().find(call.identity.network);
  if (aside != networks_.set_aside().end() && in_force.version < aside->second.version) {
    response.set_set_aside_version(aside->second.version);
    response.set_set_aside_reason(aside->second.reason);
  }
  FillState(**state, *response.mutable_state());
  return response;
}

absl::StatusOr<FitModel> Refitting::Earlier(const std::string& network, std::int64_t version) const {
  if (version == 0) return ToProto(*catalog_, matcher::DayZero(*catalog_));
  std::optional<FitModel> found;
  absl::Status read = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    absl::StatusOr<std::optional<FitModel>> model = FindModel(tx, network, version);
    if (model.ok()) found = *std::move(model);
    return model.status();
  });
  if (!read.ok()) return read;
  if (!found) return UnknownModel(version);
  return *std::move(found);
}

absl::Status Refitting::Start(const runtime::Call& call, const RefitModelRequest& request,
                              RefitWriter writer) {
  runtime::Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  if (request.republish_version() < 0) violations.Add("republish_version", "must not be negative");
  if (!violations.empty()) return violations.ToStatus();

  const std::lock_guard lock(mutex_);
  if (stopped_) {
    return Error(absl::StatusCode::kUnavailable, runtime::kShuttingDown,
                 "this server is shutting down: ask another");
  }
  if (running_) {
    return Error(absl::StatusCode::kFailedPrecondition, kRefitRunning,
                 *cancel_running_ ? "a refit that was called off is coming to its end: ask again in a moment"
                                  : "a refit is under way: wait for its end");
  }
  if (thread_.joinable()) thread_.join();
  auto cancelled = std::make_shared<std::atomic<bool>>(false);
  writer.SetOnDone([cancelled] { *cancelled = true; });
  thread_ = std::thread([this, job = Job{call, request, std::move(writer), cancelled}] {
    ::setpriority(PRIO_PROCESS, 0, kNiceness);  // of this thread alone, as Linux has it
    absl::StatusOr<RefitOutcome> outcome = absl::InternalError("unfinished");
    try {
      outcome = Run(job);
    } catch (const std::exception& exception) {
      outcome = absl::InternalError(exception.what());
    }
    {
      const std::lock_guard done(mutex_);
      running_ = false;
    }
    if (outcome.ok()) {
      RefitModelResponse response;
      *response.mutable_outcome() = *std::move(outcome);
      job.writer.Write(response);
    }
    job.writer.Finish(outcome.status());
  });
  // Only now, for a thread may not be had; it waits for the lock before it says that it is done.
  running_ = true;
  cancel_running_ = std::move(cancelled);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<RefitOutcome>> Refitting::Answered(const Job& job) const {
  std::optional<std::string> given;
  absl::Status read = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    absl::StatusOr<std::optional<std::string>> found =
        storage::request_ledger::Find(tx, KeyOf(job.call, job.request),
                                      storage::request_ledger::Fingerprint(job.request.SerializeAsString()));
    if (found.ok()) given = *std::move(found);
    return found.status();
  });
  if (absl::IsAlreadyExists(read)) {
    return Error(absl::StatusCode::kAlreadyExists, kRequestIdReused,
                 "this request_id was used before with other content: take a new one");
  }
  if (!read.ok()) return read;
  if (!given) return std::nullopt;
  RefitOutcome outcome;
  if (!outcome.ParseFromString(*given))
    return absl::DataLossError("an answer of the request ledger is not readable");
  return outcome;
}

absl::StatusOr<RefitOutcome> Refitting::Run(const Job& job) {
  absl::StatusOr<std::optional<RefitOutcome>> answered = Answered(job);
  if (!answered.ok()) return answered.status();
  if (*answered) return **std::move(answered);

  const std::string& network = job.call.identity.network;
  const auto head = networks_.Head(network);
  const matcher::Parameters& serving = head->model.parameters();
  absl::StatusOr<FitModel> model = job.request.has_republish_version()
                                       ? Earlier(network, job.request.republish_version())
                                       : Estimate(job, serving);
  if (!model.ok()) return model.status();
  if (absl::Status fits = matcher::CheckParameters(*catalog_, ToDomain(*model)); !fits.ok()) {
    return Error(absl::StatusCode::kFailedPrecondition, kAnotherCatalog,
                 absl::StrCat("model ", model->version(), " was made for catalog ", model->catalog_version(),
                              ": ", fits.message()));
  }
  if (job.request.validate_only()) {
    RefitOutcome outcome;
    *outcome.mutable_model() = *std::move(model);
    return outcome;
  }
  return Publish(job, serving.version, *std::move(model));
}

absl::StatusOr<FitModel> Refitting::Estimate(const Job& job, const matcher::Parameters& serving) const {
  Tell(job.writer, "reading", 0);
  absl::StatusOr<matcher::HeardSample> sample =
      ReadHeard(*catalog_, database_, job.call.identity.network, serving.version, *job.cancelled);
  if (!sample.ok()) return sample.status();
  matcher::RefitOptions options;
  options.seen_by_serving = sample->marked();
  const auto told = [&](double done) { Tell(job.writer, "estimating", done); };
  absl::StatusOr<matcher::RefitResult> result =
      matcher::Refit(catalog_, serving, sample->Take(), options, told, [&] { return job.cancelled->load(); });
  if (absl::IsCancelled(result.status())) return Ended();
  if (absl::IsFailedPrecondition(result.status())) {
    return Error(absl::StatusCode::kFailedPrecondition, kTooLittleData, result.status().message());
  }
  if (!result.ok()) return result.status();
  const matcher::RefitReport& report = result->report;
  if (!report.accepted) {
    return Error(absl::StatusCode::kFailedPrecondition, kModelNotBetter, report.reason,
                 {{"held_out_log_loss", absl::StrCat(report.held_out_loss_refit)},
                  {"held_out_log_loss_before", absl::StrCat(report.held_out_loss_serving)}});
  }
  result->parameters.seen = static_cast<std::int64_t>(sample->added());
  FitModel model = ToProto(*catalog_, result->parameters);
  model.set_version(0);
  model.set_fit_checks(report.fit_checks);
  model.set_held_out_log_loss(report.held_out_loss_refit);
  model.set_held_out_log_loss_before(report.held_out_loss_serving);
  return model;
}

absl::StatusOr<RefitOutcome> Refitting::Publish(const Job& job, std::int64_t replaced, FitModel model) {
  const std::string& network = job.call.identity.network;
  std::int64_t newest = 0;
  absl::Status read = database_.Read([&](storage::Transaction& tx) -> absl::Status {
    const absl::StatusOr<std::optional<FitModel>> found = NewestModel(tx, network);
    if (found.ok() && *found) newest = (*found)->version();
    return found.status();
  });
  if (!read.ok()) return read;
  model.set_version(newest + 1);
  *model.mutable_published_at() = contract::ToTimestamp(clock_.Now());

  auto folded = std::make_shared<matcher::State>(catalog_, ToDomain(model));
  const std::int64_t goal = std::max<std::int64_t>(1, networks_.Head(network)->position);
  std::int64_t seen = 0;
  const auto cancelled = [&] {
    if (++seen % 1024 == 0)
      Tell(job.writer, "folding",
           std::min(1.0, static_cast<double>(folded->position) / static_cast<double>(goal)));
    return job.cancelled->load();
  };
  if (absl::Status fold = FoldOn(database_, network, *folded, cancelled); !fold.ok()) {
    return absl::IsCancelled(fold) ? Ended() : fold;
  }

  Write write =
      RememberedWrite(job.call, kRefitModel.full_name, job.request.request_id(), job.request,
                      [&](const Head& head) -> absl::StatusOr<Draft> {
                        if (*job.cancelled) return Ended();
                        if (head.state.model.parameters().version != replaced) {
                          return Error(absl::StatusCode::kAborted, kModelChanged,
                                       "another model was published meanwhile: look at it, and ask again");
                        }
                        // A copy, for the commit may fail and be tried with a later head.
                        auto caught_up = std::make_shared<matcher::State>(*folded);
                        if (absl::Status fold = FoldOn(head.transaction, network, *caught_up); !fold.ok())
                          return fold;
                        log::v1::Event event;
                        *event.mutable_model_published()->mutable_model() = model;
                        RefitOutcome outcome;
                        *outcome.mutable_model() = model;
                        outcome.set_published(true);
                        outcome.set_position(head.state.position + 1);
                        Draft draft = DraftOf(std::move(event), outcome);
                        draft.source_key = ModelKey(model.version());
                        draft.refolded = std::move(caught_up);
                        return draft;
                      });
  return ParseResponse<RefitOutcome>(writer_.Run(std::move(write)));
}

}  // namespace rapport::matcher_service
