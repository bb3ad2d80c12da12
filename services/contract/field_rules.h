// Rules for single fields, shared by every request: each adds what is wrong to `violations`, under `path`,
// and nothing when all is well. Descriptions never repeat a caller's text unless it has the shape of a
// catalog word.
#ifndef RAPPORT_SERVICES_CONTRACT_FIELD_RULES_H_
#define RAPPORT_SERVICES_CONTRACT_FIELD_RULES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"
#include "services/contract/text.h"
#include "services/runtime/errors.h"

namespace rapport::contract {

// An id of a caller's (therapist, client, request ...): 1 to 128 characters of A-Z a-z 0-9 . _ : -.
void ValidateId(absl::string_view id, const runtime::FieldPath& path, runtime::Violations& violations);
// The same, where empty means none.
void ValidateOptionalId(absl::string_view id, const runtime::FieldPath& path,
                        runtime::Violations& violations);

// Ids that must each be valid, none twice, at most `limit`.
void ValidateIds(const google::protobuf::RepeatedPtrField<std::string>& ids, int limit,
                 const runtime::FieldPath& path, runtime::Violations& violations);

// Text shown to people, by the rules of text.h.
void ValidateText(absl::string_view text, int max_length, Presence presence, const runtime::FieldPath& path,
                  runtime::Violations& violations);

// A number from `low` to `high`, both included; not-a-number and infinities are refused.
void ValidateRange(double value, double low, double high, const runtime::FieldPath& path,
                   runtime::Violations& violations);

// An instant that the caller must give (`given`) and that lies between the years 1 and 9999.
void ValidateTimestamp(bool given, const google::protobuf::Timestamp& timestamp,
                       const runtime::FieldPath& path, runtime::Violations& violations);
// The same, and not later than `now` plus kMaxClockSkew.
void ValidatePastTimestamp(bool given, const google::protobuf::Timestamp& timestamp, absl::Time now,
                           const runtime::FieldPath& path, runtime::Violations& violations);

// A day of the calendar as YYYY-MM-DD; empty means none.
void ValidateOptionalDate(absl::string_view date, const runtime::FieldPath& path,
                          runtime::Violations& violations);

// ISO 3166-2 by its shape: "US-MA".
void ValidateRegion(absl::string_view region, const runtime::FieldPath& path,
                    runtime::Violations& violations);

// BCP 47 tags in their shortest form ("en", "zh-Hant", "pt-BR", "ase"; "eng" is told to be "en"), none twice,
// at most `limit`.
void ValidateLanguages(const google::protobuf::RepeatedPtrField<std::string>& tags, int limit,
                       const runtime::FieldPath& path, runtime::Violations& violations);

// A region, a town, and a latitude together with a longitude or neither.
void ValidatePlace(const therapist::v1::Place& place, const runtime::FieldPath& path,
                   runtime::Violations& violations);

// ISO 4217 by its shape, and 0 to kMaxFeeMinorUnits.
void ValidateMoney(const therapist::v1::Money& money, const runtime::FieldPath& path,
                   runtime::Violations& violations);

// Hours of the week, under `path`.hours, with the time zone that they need, under `path`.time_zone.
void ValidateHours(const google::protobuf::RepeatedPtrField<therapist::v1::HourRange>& hours,
                   absl::string_view time_zone, const runtime::FieldPath& path,
                   runtime::Violations& violations);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_FIELD_RULES_H_
