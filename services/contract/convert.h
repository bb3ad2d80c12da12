// Between the contract's messages and the library's values. REQUIRES for every ToDomain: the message was
// validated (validate.h), now or when it was written to our log. A log may be older than the catalog: words
// that the catalog no longer has silently vanish, because a fold cannot fail and a word nobody can ask for
// matches nobody. The way back is canonical: sets sorted, hours merged, so that equal values give equal
// bytes.
#ifndef RAPPORT_SERVICES_CONTRACT_CONVERT_H_
#define RAPPORT_SERVICES_CONTRACT_CONVERT_H_

#include <string>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/feedback.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "matcher/domain/week.h"
#include "rapport/log/v1/event.pb.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "rapport/matcher/v1/needs.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"
#include "services/contract/calendar.h"

namespace rapport::contract {

// Profiles. `etag` and `seats_free` belong to the directory, not to the profile: dropped on the way in, left
// empty on the way out.
matcher::Therapist ToDomain(const matcher::Catalog& catalog, const therapist::v1::Therapist& message);
therapist::v1::Therapist ToProto(const matcher::Catalog& catalog, const matcher::Therapist& therapist);

// True when the catalog has every word of what must hold, and the system the time zone. A must that lost its
// words would ask for less than the client did.
bool KnowsMusts(const matcher::Catalog& catalog, const matcher::v1::Needs& needs);

// Needs without their risk, which never reaches the library (triage.h). REQUIRES: validated against this very
// catalog, or KnowsMusts.
matcher::Needs ToDomain(const matcher::Catalog& catalog, const matcher::v1::Needs& message);
matcher::v1::Needs ToProto(const matcher::Catalog& catalog, const matcher::Needs& needs);

// Concerns in their order; wishes sorted by their word, so that the order in which they were sent changes no
// result.
matcher::ClientContext ToDomain(const matcher::Catalog& catalog, const matcher::v1::ClientContext& message);
matcher::ClientContext ToContext(const matcher::Catalog& catalog, const matcher::v1::Needs& needs);
matcher::v1::ClientContext ToProto(const matcher::Catalog& catalog, const matcher::ClientContext& context);

// A fit check as the log keeps it. Answers to questions that the catalog no longer asks vanish as words do.
matcher::FitCheck ToDomain(const matcher::Catalog& catalog, const log::v1::FitRecorded& message);

// Numbers that somebody states of themself, in the order of the catalog's attributes.
std::vector<matcher::AttributeValue> ToAttributes(
    const matcher::Catalog& catalog,
    const google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue>& messages);
google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue> ToProto(
    const matcher::Catalog& catalog, const std::vector<matcher::AttributeValue>& values);

// Hours of the week. Ranges may overlap on the way in; on the way out they are merged and sorted, none across
// midnight.
matcher::WeekHours ToDomain(const google::protobuf::RepeatedPtrField<therapist::v1::HourRange>& ranges);
google::protobuf::RepeatedPtrField<therapist::v1::HourRange> ToProto(const matcher::WeekHours& hours);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CONVERT_H_
