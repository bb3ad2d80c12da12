#include "services/matcher/event_codec.h"

#include <memory>
#include <utility>

#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/matcher/model_codec.h"

namespace rapport::matcher_service {
namespace {

using log::v1::Event;

matcher::TherapistUpserted Decode(const matcher::Catalog& catalog,
                                  const log::v1::TherapistUpserted& message) {
  return {std::make_shared<matcher::Therapist>(contract::ToDomain(catalog, message.therapist()))};
}

matcher::TherapistDeleted Decode(const matcher::Catalog&, const log::v1::TherapistDeleted& message) {
  return {message.therapist_id()};
}

matcher::AvailabilityConfirmed Decode(const matcher::Catalog&,
                                      const log::v1::AvailabilityConfirmed& message) {
  matcher::AvailabilityConfirmed event{
      message.therapist_id(), contract::ToTime(message.confirmed_at()), {}, {}};
  if (message.has_seats()) event.seats = message.seats();
  if (message.has_wait_weeks()) event.wait_weeks = message.wait_weeks();
  return event;
}

matcher::SlotReserved Decode(const matcher::Catalog& catalog, const log::v1::SlotReserved& message) {
  matcher::SlotReserved event{message.reservation_id(),
                              message.therapist_id(),
                              message.client_id(),
                              contract::ToTime(message.expires_at()),
                              contract::ToDomain(catalog, message.context()),
                              {},
                              false};
  if (message.has_needs()) {
    // Of needs whose words the catalog no longer has, only what is wished for is left.
    event.needs_lost = !contract::KnowsMusts(catalog, message.needs());
    if (!event.needs_lost) event.needs = contract::ToDomain(catalog, message.needs());
    event.context = contract::ToContext(catalog, message.needs());
  }
  return event;
}

matcher::SlotReleased Decode(const matcher::Catalog&, const log::v1::SlotReleased& message) {
  return {message.reservation_id()};
}

matcher::FitRecorded Decode(const matcher::Catalog& catalog, const log::v1::FitRecorded& message) {
  return {contract::ToDomain(catalog, message)};
}

matcher::ReachRecorded Decode(const matcher::Catalog&, const log::v1::ReachRecorded& message) {
  return {message.therapist_id(), message.reservation_id(),
          static_cast<matcher::ReachOutcome>(message.outcome()), contract::ToTime(message.occurred_at())};
}

matcher::ModelPublished Decode(const matcher::Catalog&, const log::v1::ModelPublished& message) {
  if (!message.has_calibration()) return {};
  return {matcher::Calibration{ToMatrix(message.calibration()), ToMatrix(message.calibration_covariance())}};
}

matcher::RiskRecorded Decode(const matcher::Catalog&, const log::v1::RiskRecorded& message) {
  return {message.client_id(), static_cast<matcher::RiskSource>(message.source()), message.look_first(),
          contract::ToTime(message.known_at())};
}

}  // namespace

matcher::Event ToDomain(const matcher::Catalog& catalog, std::int64_t position, const Event& message) {
  matcher::Event event{position, contract::ToTime(message.recorded_at()), {}};
  switch (message.kind_case()) {
    case Event::kTherapistUpserted:
      event.what = Decode(catalog, message.therapist_upserted());
      break;
    case Event::kTherapistDeleted:
      event.what = Decode(catalog, message.therapist_deleted());
      break;
    case Event::kAvailabilityConfirmed:
      event.what = Decode(catalog, message.availability_confirmed());
      break;
    case Event::kSlotReserved:
      event.what = Decode(catalog, message.slot_reserved());
      break;
    case Event::kSlotReleased:
      event.what = Decode(catalog, message.slot_released());
      break;
    case Event::kFitRecorded:
      event.what = Decode(catalog, message.fit_recorded());
      break;
    case Event::kReachRecorded:
      event.what = Decode(catalog, message.reach_recorded());
      break;
    case Event::kModelPublished:
      event.what = Decode(catalog, message.model_published());
      break;
    case Event::kRiskRecorded:
      event.what = Decode(catalog, message.risk_recorded());
      break;
    case Event::KIND_NOT_SET:
      break;
  }
  return event;
}

absl::string_view KindOf(const Event& message) {
  const auto* field = Event::descriptor()->FindFieldByNumber(message.kind_case());
  return field == nullptr ? absl::string_view("unknown") : absl::string_view(field->name());
}

}  // namespace rapport::matcher_service
