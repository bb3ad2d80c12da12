// The journey, chapter by chapter.
#include "services/cli/walkthrough/journey.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/cli/flags.h"
#include "services/cli/views/advice.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/referral.h"
#include "services/cli/views/shortlist.h"
#include "services/cli/views/table.h"
#include "services/cli/walkthrough/story.h"
#include "services/cli/walkthrough/what_changed.h"

namespace rapport::cli {
namespace {

using intake::v1::Referral;

constexpr int kWholeRanking =
    100;  // the longest that the matcher gives: places before and after are read from it
constexpr int kShown = 5;

class Journey {
 public:
  Journey(Session& session, const Services& services)
      : session_(session), services_(services), out_(session.out), client_id_(session.ids.NewId("client")) {}

  absl::Status Tell() {
    for (auto chapter :
         {&Journey::TellNeeds, &Journey::TellShortlist, &Journey::TellDecline, &Journey::TellFirstTry,
          &Journey::TellFitCheck, &Journey::TellTryAnother, &Journey::TellSecondTry, &Journey::TellRisk}) {
      if (absl::Status status = (this->*chapter)(); !status.ok()) return status;
      out_.flush();
    }
    return absl::OkStatus();
  }

 private:
  void Title(absl::string_view title) {
    out_ << "\n" << ++chapter_ << ". " << title << "\n" << std::string(Width(title) + 3, '-') << "\n";
  }
  void Say(absl::string_view text) { Wrap(out_, text); }

  // One write of intake's; keeps the referral as it then is.
  template <typename Request, typename Response>
  absl::Status Step(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                    Request request) {
    request.set_request_id(session_.ids.NewId("req"));
    request.set_referral_id(referral_.referral_id());
    request.set_etag(referral_.etag());
    const auto response = services_.Call(rpc, request);
    if (!response.ok()) return response.status();
    referral_ = response->referral();
    return absl::OkStatus();
  }

  absl::Status Expect(intake::v1::ReferralState state) const {
    if (referral_.state() == state) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the story cannot go on: the referral is ", StateName(referral_.state()), ", not ",
                     StateName(state), ". It needs a directory such as: rapport sample therapists"));
  }

  absl::Status Choose(const matcher::v1::Candidate& candidate) {
    chosen_ = candidate;
    intake::v1::ChooseTherapistRequest request;
    request.set_therapist_id(candidate.therapist_id());
    if (absl::Status status = Step(&IntakeStub::ChooseTherapist, request); !status.ok()) return status;
    return Expect(intake::v1::REFERRAL_STATE_OFFERED);
  }

  absl::Status Respond(intake::v1::OfferAnswer answer, intake::v1::ReferralState then) {
    intake::v1::RespondToOfferRequest request;
    request.set_answer(answer);
    if (absl::Status status = Step(&IntakeStub::RespondToOffer, request); !status.ok()) return status;
    return Expect(then);
  }

  absl::Status Start() {
    if (absl::Status status = Step(&IntakeStub::StartTherapy, intake::v1::StartTherapyRequest());
        !status.ok()) {
      return status;
    }
    return Expect(intake::v1::REFERRAL_STATE_IN_THERAPY);
  }

  absl::Status RecordFitCheck(feedback::v1::FitCheck check) {
    feedback::v1::RecordFitCheckRequest request;
    request.set_request_id(session_.ids.NewId("req"));
    check.set_client_id(client_id_);
    check.set_therapist_id(chosen_.therapist_id());
    check.set_referral_id(referral_.referral_id());
    check.mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(session_.clock.Now()));
    *request.mutable_fit_check() = std::move(check);
    const auto response = services_.Call(&FeedbackStub::RecordFitCheck, request);
    if (!response.ok()) return response.status();
    position_ = response->position();
    if (!response->has_advice()) return absl::UnavailableError("the fit check is kept, but no advice came");
    advice_ = response->advice();
    return absl::OkStatus();
  }

  // Everybody eligible, as far as the matcher lists them.
  absl::StatusOr<matcher::v1::RankTherapistsResponse> WholeRanking() const {
    matcher::v1::RankTherapistsRequest request;
    request.set_client_id(client_id_);
    *request.mutable_needs() = referral_.needs();
    request.set_shortlist_size(kWholeRanking);
    request.set_omit_relaxations(true);
    for (const auto& attempt : referral_.attempts()) request.add_tried_therapist_ids(attempt.therapist_id());
    request.set_min_as_of(position_);
    return services_.Call(&MatcherStub::RankTherapists, request);
  }

  absl::Status TellNeeds() {
    Title("What she needs");
    Say("A clinic in Boston has a new client. Rapport never learns her name: here she is a pseudonym.");
    out_ << "\n";
    Table table({{""}, {""}});
    table.Add({"client", client_id_});
    table.Add({"must hold",
               "licensed in Massachusetts, takes Blue Cross Blue Shield, English, adults, one to one,"});
    table.Add({"", "by video or within 15 km, free on a Monday, Wednesday or Thursday evening"});
    table.Add({"comes for", "grief, and anxiety"});
    table.Add({"wishes", "to feel heard (most of all); somebody who leads and gives structure; perhaps CBT"});
    table.Add({"acute risk", "asked, none stated"});
    table.Print(out_, 2);
    intake::v1::CreateReferralRequest request;
    request.set_request_id(session_.ids.NewId("req"));
    request.set_client_id(client_id_);
    *request.mutable_needs() = StoryNeeds();
    const auto response = services_.Call(&IntakeStub::CreateReferral, request);
    if (!response.ok()) return response.status();
    referral_ = response->referral();
    out_ << "\n";
    Say(absl::StrCat("Intake keeps it as referral ", referral_.referral_id(), "."));
    return absl::OkStatus();
  }

  absl::Status TellShortlist() {
    Title("Who would suit");
    if (absl::Status status = Step(&IntakeStub::SubmitReferral, intake::v1::SubmitReferralRequest());
        !status.ok()) {
      return status;
    }
    if (absl::Status status = Expect(intake::v1::REFERRAL_STATE_SHORTLISTED); !status.ok()) return status;
    Say("\"Good bond\" is the probability that this referral ends in one, with its 95 % interval: that the "
        "therapist "
        "answers and takes her (reach), that she comes (start), and that she would stay (bond). The "
        "intervals are "
        "wide, and honest: nobody has said anything yet.");
    out_ << "\n";
    PrintShortlist(out_, referral_.shortlist(), referral_.needs());
    return absl::OkStatus();
  }

  absl::Status TellDecline() {
    Title("The first one has no room after all");
    if (absl::Status status = Choose(referral_.shortlist().candidates(0)); !status.ok()) return status;
    const std::string name = NameOf(chosen_);
    if (absl::Status status =
            Respond(intake::v1::OFFER_ANSWER_DECLINED, intake::v1::REFERRAL_STATE_SHORTLISTED);
        !status.ok()) {
      return status;
    }
    Say(absl::StrCat("She chooses ", name,
                     ". A seat is reserved, the therapist is asked, and declines. The seat is "
                     "free again, the matcher now believes a little less that ",
                     chosen_.display_name(), " answers, and the next shortlist is there at once:"));
    out_ << "\n";
    PrintCandidates(out_, referral_.shortlist());
    return absl::OkStatus();
  }

  absl::Status TellFirstTry() {
    Title("A first session");
    if (absl::Status status = Choose(referral_.shortlist().candidates(0)); !status.ok()) return status;
    if (absl::Status status = Respond(intake::v1::OFFER_ANSWER_ACCEPTED, intake::v1::REFERRAL_STATE_ACCEPTED);
        !status.ok()) {
      return status;
    }
    if (absl::Status status = Start(); !status.ok()) return status;
    Say(absl::StrCat("She chooses ", NameOf(chosen_), ", who accepts. They meet for the first time."));
    return absl::OkStatus();
  }

  absl::Status TellFitCheck() {
    Title("What she says afterwards");
    const auto before = WholeRanking();
    if (!before.ok()) return before.status();
    before_ = before->candidates();
    if (absl::Status status = RecordFitCheck(DisappointedFitCheck()); !status.ok()) return status;
    Say("The fit check takes her a minute. She did not feel heard (2 of 10), would not go back, and says "
        "what got in "
        "the way: \"Gave advice before understanding me\" and \"Told me too much what to do\".");
    out_ << "\n";
    Say("Nobody is blamed: two people did not click. She is told plainly what the numbers say:");
    out_ << "\n";
    PrintAdvice(out_, advice_);
    return absl::OkStatus();
  }

  absl::Status TellTryAnother() {
    Title("Another try, with what was learned");
    intake::v1::TryAnotherRequest request;
    request.set_min_as_of(position_);
    if (absl::Status status = Step(&IntakeStub::TryAnother, request); !status.ok()) return status;
    if (absl::Status status = Expect(intake::v1::REFERRAL_STATE_SHORTLISTED); !status.ok()) return status;
    Say("She decides to try another, and does not have to tell her story again. The same needs, ranked with "
        "her own answers:");
    out_ << "\n";
    PrintShortlist(out_, referral_.shortlist(), referral_.needs());
    const auto after = WholeRanking();
    if (!after.ok()) return after.status();
    out_ << "\nWhat changed\n\n";
    PrintWhatChanged(out_, before_, after->candidates(), kShown);
    return absl::OkStatus();
  }

  absl::Status TellSecondTry() {
    Title("A second first session");
    if (absl::Status status = Choose(referral_.shortlist().candidates(0)); !status.ok()) return status;
    if (absl::Status status = Respond(intake::v1::OFFER_ANSWER_ACCEPTED, intake::v1::REFERRAL_STATE_ACCEPTED);
        !status.ok()) {
      return status;
    }
    if (absl::Status status = Start(); !status.ok()) return status;
    if (absl::Status status = RecordFitCheck(ContentFitCheck()); !status.ok()) return status;
    Say(absl::StrCat(
        "She chooses ", NameOf(chosen_),
        ", who accepts. After their first session: heard 9 of 10, \"I want to come back\" 10 of 10. She "
        "stays. Her answers sharpen the next shortlist, hers and everybody's."));
    out_ << "\n";
    PrintReferral(out_, referral_);
    return absl::OkStatus();
  }

  absl::Status TellRisk() {
    Title("And when somebody is in danger");
    intake::v1::CreateReferralRequest request;
    request.set_request_id(session_.ids.NewId("req"));
    request.set_client_id(session_.ids.NewId("client"));
    *request.mutable_needs() = StoryNeedsAtRisk();
    const auto response = services_.Call(&IntakeStub::CreateReferral, request);
    if (!response.ok()) return response.status();
    referral_ = response->referral();
    if (absl::Status status = Step(&IntakeStub::SubmitReferral, intake::v1::SubmitReferralRequest());
        !status.ok()) {
      return status;
    }
    if (absl::Status status = Expect(intake::v1::REFERRAL_STATE_NEEDS_TRIAGE); !status.ok()) return status;
    Say("Another client states acute risk. That is never ranked, and no list is shown: a person looks "
        "first.");
    out_ << "\n";
    PrintReferral(out_, referral_);
    return absl::OkStatus();
  }

  Session& session_;
  const Services& services_;
  std::ostream& out_;
  const std::string client_id_;
  int chapter_ = 0;
  Referral referral_;
  matcher::v1::Candidate chosen_;
  Candidates before_;
  matcher::v1::Advice advice_;
  int64_t position_ = 0;
};

}  // namespace

absl::Status TellJourney(Session& session, const Services& services) {
  return Journey(session, services).Tell();
}

}  // namespace rapport::cli
