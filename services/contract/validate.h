// Checks the messages that services share against the contract and the catalog: all that their comments
// promise, every violation collected, each under its exact path. What passes here can be converted
// (convert.h) without a further look.
//
//   runtime::Violations violations;
//   ValidateId(request.request_id(), "request_id", violations);
//   ValidateNeeds(catalog, request.needs(), "needs", violations);
//   if (!violations.empty()) return violations.ToStatus();
#ifndef RAPPORT_SERVICES_CONTRACT_VALIDATE_H_
#define RAPPORT_SERVICES_CONTRACT_VALIDATE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "matcher/domain/catalog.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "rapport/matcher/v1/needs.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"
#include "services/contract/field_rules.h"
#include "services/runtime/errors.h"

namespace rapport::contract {

// `path` is where the message stands in the request; "" when the message is what paths start from (rows of an
// upsert).

// A profile as written, whole: a masked row is merged first (update_fields.h). `seats_free` is output and not
// looked at.
void ValidateTherapist(const matcher::Catalog& catalog, const therapist::v1::Therapist& therapist,
                       absl::Time now, const runtime::FieldPath& path, runtime::Violations& violations);

// Needs in full: musts, risk and wishes.
void ValidateNeeds(const matcher::Catalog& catalog, const matcher::v1::Needs& needs,
                   const runtime::FieldPath& path, runtime::Violations& violations);

// What the model looks at, wherever it stands: `path`.concerns and `path`.wishes of Needs, ClientContext or a
// reservation.
void ValidateContext(const matcher::Catalog& catalog,
                     const google::protobuf::RepeatedPtrField<std::string>& concerns,
                     const google::protobuf::RepeatedPtrField<matcher::v1::Wish>& wishes,
                     const runtime::FieldPath& path, runtime::Violations& violations);

// What a client states of themself: `path`.own_tags and `path`.attributes of Needs or ClientContext.
void ValidateOwn(const matcher::Catalog& catalog,
                 const google::protobuf::RepeatedPtrField<std::string>& own_tags,
                 const google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue>& attributes,
                 const runtime::FieldPath& path, runtime::Violations& violations);

// Numbers that somebody states of themself; `path` is the list. Each attribute known, none twice.
void ValidateAttributes(const matcher::Catalog& catalog,
                        const google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue>& attributes,
                        const runtime::FieldPath& path, runtime::Violations& violations);

// What a client said after one session; `path` is the list. In each: every id known, every value within the
// range of what it answers, none twice, at most kMaxAnswers. Ids are fit questions, facets, or alliance
// scales as "instrument.scale".
void ValidateAnswers(const matcher::Catalog& catalog,
                     const google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers,
                     const runtime::FieldPath& path, runtime::Violations& violations);
// Ids are fit questions.
void ValidateQuestionAnswers(const matcher::Catalog& catalog,
                             const google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers,
                             const runtime::FieldPath& path, runtime::Violations& violations);
// Ids are facets.
void ValidateFacetAnswers(const matcher::Catalog& catalog,
                          const google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers,
                          const runtime::FieldPath& path, runtime::Violations& violations);
// Ids are scales of `instrument`, symptom scales included.
void ValidateScores(const matcher::Instrument& instrument,
                    const google::protobuf::RepeatedPtrField<matcher::v1::Answer>& scores,
                    const runtime::FieldPath& path, runtime::Violations& violations);
// Frictions: each known to the catalog, none twice, at most kMaxFrictionsNamed.
void ValidateFrictions(const matcher::Catalog& catalog,
                       const google::protobuf::RepeatedPtrField<std::string>& frictions,
                       const runtime::FieldPath& path, runtime::Violations& violations);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_VALIDATE_H_
