// See attempts.h.
#include "services/intake/attempts.h"

#include "services/contract/convert.h"

namespace rapport::intake {
namespace {

v1::Attempt& Newest(v1::Referral& referral) {
  return *referral.mutable_attempts(referral.attempts_size() - 1);
}

void Keep(const directory::v1::Reservation& seat, v1::Attempt& attempt) {
  attempt.set_reservation_id(seat.reservation_id());
  *attempt.mutable_reserved_until() = seat.expires_at();
}

bool IsOver(const v1::Attempt& attempt) {
  return attempt.state() == v1::ATTEMPT_STATE_DECLINED || attempt.state() == v1::ATTEMPT_STATE_NO_ANSWER ||
         attempt.state() == v1::ATTEMPT_STATE_ENDED;
}

}  // namespace

void Offer(const directory::v1::Reservation& seat, absl::Time now, v1::Referral& referral) {
  v1::Attempt& attempt = *referral.add_attempts();
  attempt.set_therapist_id(seat.therapist_id());
  attempt.set_state(v1::ATTEMPT_STATE_OFFERED);
  Keep(seat, attempt);
  *attempt.mutable_offered_at() = contract::ToTimestamp(now);
  referral.set_state(v1::REFERRAL_STATE_OFFERED);
}

void RenewSeat(const directory::v1::Reservation& seat, v1::Referral& referral) {
  Keep(seat, Newest(referral));
}

std::optional<v1::ReferralState> StateWithTherapist(const v1::Referral& referral) {
  if (referral.attempts().empty()) return std::nullopt;
  switch (referral.attempts().rbegin()->state()) {
    case v1::ATTEMPT_STATE_OFFERED:
      return v1::REFERRAL_STATE_OFFERED;
    case v1::ATTEMPT_STATE_ACCEPTED:
      return v1::REFERRAL_STATE_ACCEPTED;
    case v1::ATTEMPT_STATE_IN_THERAPY:
      return v1::REFERRAL_STATE_IN_THERAPY;
    default:
      return std::nullopt;
  }
}

void Answer(v1::OfferAnswer answer, absl::Time now, v1::Referral& referral) {
  v1::Attempt& attempt = Newest(referral);
  if (answer != v1::OFFER_ANSWER_NO_ANSWER) *attempt.mutable_answered_at() = contract::ToTimestamp(now);
  if (answer == v1::OFFER_ANSWER_ACCEPTED) {
    attempt.set_state(v1::ATTEMPT_STATE_ACCEPTED);
    referral.set_state(v1::REFERRAL_STATE_ACCEPTED);
    return;
  }
  attempt.set_state(answer == v1::OFFER_ANSWER_DECLINED ? v1::ATTEMPT_STATE_DECLINED
                                                        : v1::ATTEMPT_STATE_NO_ANSWER);
  *attempt.mutable_ended_at() = contract::ToTimestamp(now);
}

void Start(absl::Time now, v1::Referral& referral) {
  v1::Attempt& attempt = Newest(referral);
  attempt.set_state(v1::ATTEMPT_STATE_IN_THERAPY);
  *attempt.mutable_started_at() = contract::ToTimestamp(now);
  referral.set_state(v1::REFERRAL_STATE_IN_THERAPY);
}

std::string EndAttempt(absl::Time now, v1::Referral& referral) {
  if (referral.attempts().empty() || IsOver(Newest(referral))) return "";
  v1::Attempt& attempt = Newest(referral);
  attempt.set_state(v1::ATTEMPT_STATE_ENDED);
  *attempt.mutable_ended_at() = contract::ToTimestamp(now);
  return attempt.reservation_id();
}

}  // namespace rapport::intake
