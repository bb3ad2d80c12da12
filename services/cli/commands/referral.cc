// rapport referral ...: intake's calls. An etag that is not given is read first; --etag makes the write
// conditional.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/commands/pages.h"
#include "services/cli/flags.h"
#include "services/cli/json.h"
#include "services/cli/views/referral.h"

namespace rapport::cli {
namespace {

using intake::v1::Referral;

absl::StatusOr<ExitCode> Show(const Referral& referral, const google::protobuf::Message& whole,
                              Session& session) {
  if (session.json) {
    session.out << ToJson(whole);
  } else {
    PrintReferral(session.out, referral);
  }
  return ExitCode::kOk;
}

// REFERRAL, --etag, --request-id: what every step of a referral takes.
template <typename Request>
void AddStep(CLI::App& app, Request& request) {
  app.add_option("REFERRAL", *request.mutable_referral_id(), "Id of the referral")->required();
  app.add_option("--etag", *request.mutable_etag(),
                 "Only if the referral is still this one; default: as it now is");
  AddRequestId(app, *request.mutable_request_id());
}

template <typename Request, typename Response>
absl::StatusOr<ExitCode> Step(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&,
                                                              Response*),
                              Request request, Session& session, const Services& services) {
  if (request.etag().empty()) {
    intake::v1::GetReferralRequest get;
    get.set_referral_id(request.referral_id());
    const auto current = services.Call(&IntakeStub::GetReferral, get);
    if (!current.ok()) return current.status();
    request.set_etag(current->referral().etag());
  }
  request.set_request_id(RequestIdOr(request.request_id(), session));
  const auto response = services.Call(rpc, request);
  if (!response.ok()) return response.status();
  return Show(response->referral(), *response, session);
}

}  // namespace

Action BindReferralCreate(CLI::App& app) {
  struct Flags {
    ClientFlags client;
    std::string request_id;
  };
  auto flags = std::make_shared<Flags>();
  AddClient(app, flags->client);
  AddRequestId(app, flags->request_id);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    absl::StatusOr<matcher::v1::Needs> needs = ReadNeeds(session, flags->client);
    if (!needs.ok()) return needs.status();
    intake::v1::CreateReferralRequest request;
    request.set_request_id(RequestIdOr(flags->request_id, session));
    request.set_client_id(flags->client.client_id);
    *request.mutable_needs() = *std::move(needs);
    const auto response = services.Call(&IntakeStub::CreateReferral, request);
    if (!response.ok()) return response.status();
    return Show(response->referral(), *response, session);
  });
}

Action BindReferralGet(CLI::App& app) {
  auto request = std::make_shared<intake::v1::GetReferralRequest>();
  app.add_option("REFERRAL", *request->mutable_referral_id(), "Id of the referral")->required();
  return Online([request](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    const auto response = services.Call(&IntakeStub::GetReferral, *request);
    if (!response.ok()) return response.status();
    return Show(response->referral(), *response, session);
  });
}

Action BindReferralList(CLI::App& app) {
  struct Flags {
    std::string client_id;
    intake::v1::ReferralState state = intake::v1::REFERRAL_STATE_UNSPECIFIED;
    int limit = 50;
  };
  auto flags = std::make_shared<Flags>();
  Words<intake::v1::ReferralState> states;
  for (int value = intake::v1::ReferralState_MIN + 1; value <= intake::v1::ReferralState_MAX; ++value) {
    const auto state = static_cast<intake::v1::ReferralState>(value);
    std::string name = StateName(state);
    for (char& c : name) c = c == ' ' ? '-' : c;
    states.emplace_back(std::move(name), state);
  }
  app.add_option("--client", flags->client_id, "Only those of this client");
  app.add_option("--state", flags->state, "Only those in this state: draft, submitted, needs-triage, ...")
      ->transform(OneOf(std::move(states)));
  app.add_option("--limit", flags->limit, "At most so many")
      ->check(CLI::Range(1, kMostListed))
      ->capture_default_str();
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    intake::v1::ListReferralsRequest request;
    request.set_client_id(flags->client_id);
    request.set_state(flags->state);
    const auto response =
        FirstOf(services, &IntakeStub::ListReferrals, request, flags->limit,
                [](intake::v1::ListReferralsResponse& page) { return page.referrals_size(); });
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      PrintReferrals(session.out, {response->referrals().begin(), response->referrals().end()});
      if (!response->next_page_token().empty()) session.out << "(there are more: --limit)\n";
    }
    return ExitCode::kOk;
  });
}

Action BindReferralUpdate(CLI::App& app) {
  struct Flags {
    intake::v1::UpdateNeedsRequest request;
    std::string needs_file;
    std::vector<std::string> fields;
  };
  auto flags = std::make_shared<Flags>();
  AddStep(app, flags->request);
  app.add_option("--needs", flags->needs_file, "The needs, a JSON file; - for standard input")->required();
  app.add_option("--field", flags->fields,
                 "Change only this field of the needs (wishes, max_fee, ...); repeatable")
      ->allow_extra_args(false);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    intake::v1::UpdateNeedsRequest request = flags->request;
    if (auto read = ReadJson(session, flags->needs_file, request.mutable_needs()); !read.ok()) return read;
    for (const std::string& field : flags->fields) request.add_update_fields(field);
    return Step(&IntakeStub::UpdateNeeds, std::move(request), session, services);
  });
}

Action BindReferralSubmit(CLI::App& app) {
  auto request = std::make_shared<intake::v1::SubmitReferralRequest>();
  AddStep(app, *request);
  return Online([request](Session& session, const Services& services) {
    return Step(&IntakeStub::SubmitReferral, *request, session, services);
  });
}

Action BindReferralChoose(CLI::App& app) {
  auto request = std::make_shared<intake::v1::ChooseTherapistRequest>();
  AddStep(app, *request);
  app.add_option("THERAPIST", *request->mutable_therapist_id(), "A therapist of the shortlist")->required();
  return Online([request](Session& session, const Services& services) {
    return Step(&IntakeStub::ChooseTherapist, *request, session, services);
  });
}

Action BindReferralRespond(CLI::App& app) {
  struct Flags {
    intake::v1::RespondToOfferRequest request;
    intake::v1::OfferAnswer answer = intake::v1::OFFER_ANSWER_UNSPECIFIED;
  };
  auto flags = std::make_shared<Flags>();
  const Words<intake::v1::OfferAnswer> answers = {{"accepted", intake::v1::OFFER_ANSWER_ACCEPTED},
                                                  {"declined", intake::v1::OFFER_ANSWER_DECLINED},
                                                  {"no-answer", intake::v1::OFFER_ANSWER_NO_ANSWER}};
  AddStep(app, flags->request);
  app.add_option("ANSWER", flags->answer, "accepted, declined or no-answer")
      ->required()
      ->transform(OneOf(answers));
  return Online([flags](Session& session, const Services& services) {
    intake::v1::RespondToOfferRequest request = flags->request;
    request.set_answer(flags->answer);
    return Step(&IntakeStub::RespondToOffer, std::move(request), session, services);
  });
}

Action BindReferralStart(CLI::App& app) {
  auto request = std::make_shared<intake::v1::StartTherapyRequest>();
  AddStep(app, *request);
  return Online([request](Session& session, const Services& services) {
    return Step(&IntakeStub::StartTherapy, *request, session, services);
  });
}

Action BindReferralTryAnother(CLI::App& app) {
  struct Flags {
    intake::v1::TryAnotherRequest request;
    int64_t min_as_of = 0;
  };
  auto flags = std::make_shared<Flags>();
  AddStep(app, flags->request);
  app.add_option("--min-as-of", flags->min_as_of, "Log position that the ranking must include")
      ->check(IntegerFrom(0));
  return Online([flags](Session& session, const Services& services) {
    intake::v1::TryAnotherRequest request = flags->request;
    request.set_min_as_of(flags->min_as_of);
    return Step(&IntakeStub::TryAnother, std::move(request), session, services);
  });
}

Action BindReferralClose(CLI::App& app) {
  struct Flags {
    intake::v1::CloseReferralRequest request;
    intake::v1::CloseReason reason = intake::v1::CLOSE_REASON_UNSPECIFIED;
  };
  auto flags = std::make_shared<Flags>();
  const Words<intake::v1::CloseReason> reasons = {
      {"completed", intake::v1::CLOSE_REASON_COMPLETED},
      {"client-withdrew", intake::v1::CLOSE_REASON_CLIENT_WITHDREW},
      {"lost-contact", intake::v1::CLOSE_REASON_LOST_CONTACT},
      {"referred-elsewhere", intake::v1::CLOSE_REASON_REFERRED_ELSEWHERE},
      {"mistake", intake::v1::CLOSE_REASON_MISTAKE}};
  AddStep(app, flags->request);
  app.add_option("REASON", flags->reason,
                 "completed, client-withdrew, lost-contact, referred-elsewhere or mistake")
      ->required()
      ->transform(OneOf(reasons));
  return Online([flags](Session& session, const Services& services) {
    intake::v1::CloseReferralRequest request = flags->request;
    request.set_reason(flags->reason);
    return Step(&IntakeStub::CloseReferral, std::move(request), session, services);
  });
}

Action BindReferralWatch(CLI::App& app) {
  struct Flags {
    std::string referral_id;
    int64_t after_revision = 0;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option("REFERRAL", flags->referral_id, "Id of the referral")->required();
  app.add_option("--after-revision", flags->after_revision, "Only changes after this one");
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    intake::v1::WatchReferralRequest request;
    request.set_referral_id(flags->referral_id);
    request.set_after_revision(flags->after_revision);
    grpc::ClientContext context;  // no deadline: it lasts until the referral is closed
    const auto stream = services.Get<IntakeStub>().WatchReferral(&context, request);
    intake::v1::WatchReferralResponse change;
    while (stream->Read(&change)) {
      if (session.json) {
        session.out << ToJsonLine(change) << std::endl;
      } else {
        PrintReferralLine(session.out, change.referral());
        session.out.flush();
      }
    }
    if (const grpc::Status status = stream->Finish(); !status.ok()) return FromCall(status);
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
