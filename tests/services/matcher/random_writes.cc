// See random_writes.h.
#include "tests/services/matcher/random_writes.h"

#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"

namespace rapport::matcher_service {
namespace {

constexpr int kTherapists = 40;
constexpr int kClients = 12;

std::string TherapistId(int number) {
  return absl::StrCat("t", number);
}
std::string ClientId(int number) {
  return absl::StrCat("client-", number);
}

// The answer, or how it was refused.
template <typename Response>
std::string Bytes(const absl::StatusOr<Response>& response) {
  return response.ok() ? response->SerializeAsString() : response.status().ToString();
}

}  // namespace

std::string RandomWrites::Therapist() {
  return TherapistId(Below(kTherapists));
}

std::string RandomWrites::ReservationId() {
  return reservations_.empty()
             ? "rsv_none"
             : reservations_[Below(static_cast<int>(reservations_.size()))].reservation_id();
}

void RandomWrites::Run(int count) {
  for (int i = 0; i < count; ++i) {
    if (Below(10) == 0) clock_.Advance(absl::Hours(Below(20)));
    switch (Below(12)) {
      case 0:
        Upsert();
        break;
      case 1:
        Confirm();
        break;
      case 2:
        Delete();
        break;
      case 3:
      case 4:
      case 5:
        Reserve();
        break;
      case 6:
        Release();
        break;
      case 7:
      case 8:
        RecordReach();
        break;
      default:
        RecordFit();
        break;
    }
  }
}

void RandomWrites::Upsert() {
  std::vector<directory::v1::UpsertTherapistsRequest> rows;
  for (int i = Below(8); i >= 0; --i) rows.push_back(Row(testing::RandomTherapist(Therapist(), random_)));
  EXPECT_THAT(client_.Send(rows), testing::IsOk());
}

void RandomWrites::Confirm() {
  directory::v1::ConfirmAvailabilityRequest request;
  request.set_request_id(client_.FreshId());
  request.set_therapist_id(Therapist());
  if (Below(2) == 0) request.set_seats(1 + Below(6));
  if (Below(2) == 0) request.set_wait_weeks(Below(10));
  client_.Send(request).IgnoreError();
}

void RandomWrites::Delete() {
  directory::v1::DeleteTherapistRequest request;
  request.set_request_id(client_.FreshId());
  request.set_therapist_id(Therapist());
  client_.Send(request).IgnoreError();
}

void RandomWrites::Reserve() {
  directory::v1::ReserveSlotRequest request = Reservation(client_.FreshId(), ClientId(Below(kClients)));
  const matcher::v1::Needs needs = testing::RandomNeeds(random_);
  if (Below(2) == 0) {
    *request.mutable_needs() = needs;
  } else {
    *request.mutable_concerns() = needs.concerns();
    *request.mutable_wishes() = needs.wishes();
  }
  request.set_therapist_id(Therapist());
  const auto response = client_.Send(request);
  if (response.ok()) reservations_.push_back(response->reservation());
}

void RandomWrites::Release() {
  directory::v1::ReleaseSlotRequest request;
  request.set_request_id(client_.FreshId());
  request.set_reservation_id(ReservationId());
  client_.Send(request).IgnoreError();
}

void RandomWrites::RecordReach() {
  matcher::v1::RecordReachRequest request =
      Reach(client_.FreshId(), "", static_cast<matcher::v1::ReachOutcome>(1 + Below(3)));
  request.set_therapist_id(Therapist());
  if (!reservations_.empty() && Below(4) > 0) {
    const directory::v1::Reservation& reservation =
        reservations_[Below(static_cast<int>(reservations_.size()))];
    request.set_reservation_id(reservation.reservation_id());
    request.set_therapist_id(reservation.therapist_id());
  }
  *request.mutable_occurred_at() = contract::ToTimestamp(clock_.Now());
  client_.Send(request).IgnoreError();
}

void RandomWrites::RecordFit() {
  matcher::v1::RecordFitRequest request = FitCheck(client_.FreshId(), ClientId(Below(kClients)));
  request.set_therapist_id(Therapist());
  request.set_verdict(static_cast<matcher::v1::Verdict>(Below(4)));
  request.mutable_answers(0)->set_value(Below(101) / 10.0);
  request.mutable_answers(1)->set_value(4 + Below(17));
  if (Below(2) == 0) request.clear_frictions();
  if (Below(3) == 0) request.clear_context();
  client_.Send(request).IgnoreError();
}

std::vector<std::string> Answers(Client& client) {
  std::vector<std::string> answers;
  std::mt19937_64 random(99);
  for (int i = 0; i < 2 * kClients; ++i) {
    matcher::v1::RankTherapistsRequest request = RankRequest(ClientId(i % kClients));
    *request.mutable_needs() = testing::RandomNeeds(random);
    request.set_shortlist_size(20);
    answers.push_back(Bytes(client.Send(request)));
  }
  matcher::v1::PredictFitRequest predict;
  predict.set_client_id(ClientId(1));
  for (int i = 0; i < kTherapists; ++i) {
    answers.push_back(Bytes(client.Send(ExplainRequest(TherapistId(i), ClientId(i % kClients)))));
    matcher::v1::AdviseNextStepRequest advise;
    advise.set_client_id(ClientId(i % kClients));
    advise.set_therapist_id(TherapistId(i));
    answers.push_back(Bytes(client.Send(advise)));
  }
  directory::v1::ListTherapistsRequest list;
  list.set_page_size(7);
  for (bool more = true; more;) {
    const auto page = client.Send(list);
    answers.push_back(Bytes(page));
    more = page.ok() && !page->next_page_token().empty();
    if (!page.ok()) break;
    for (const auto& therapist : page->therapists()) predict.add_therapist_ids(therapist.therapist_id());
    list.set_page_token(page->next_page_token());
  }
  answers.push_back(Bytes(client.Send(predict)));
  return answers;
}

}  // namespace rapport::matcher_service
