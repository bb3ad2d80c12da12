#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "services/contract/catalog_words.h"
#include "services/contract/limits.h"
#include "services/contract/seen.h"
#include "services/contract/validate.h"

namespace rapport::contract {
namespace {

using runtime::FieldPath;

void ValidateCredential(const therapist::v1::Credential& credential, const FieldPath& path,
                        runtime::Violations& violations) {
  ValidateRegion(credential.region(), FieldPath(path, "region"), violations);
  if (!therapist::v1::CredentialKind_IsValid(credential.kind()) ||
      credential.kind() == therapist::v1::CREDENTIAL_KIND_UNSPECIFIED) {
    violations.Add(FieldPath(path, "kind"),
                   "must be a licence, a compact privilege or a telehealth registration");
  }
  if (!therapist::v1::CredentialStatus_IsValid(credential.status()) ||
      credential.status() == therapist::v1::CREDENTIAL_STATUS_UNSPECIFIED) {
    violations.Add(FieldPath(path, "status"), "must be active or inactive");
  }
  ValidateOptionalDate(credential.valid_from(), FieldPath(path, "valid_from"), violations);
  ValidateOptionalDate(credential.valid_until(), FieldPath(path, "valid_until"), violations);
  const auto from = ParseDate(credential.valid_from());
  const auto until = ParseDate(credential.valid_until());
  if (from && until && *until < *from) {
    violations.Add(FieldPath(path, "valid_until"), "must not be before valid_from");
  }
  ValidateText(credential.code(), kMaxCredentialCodeLength, Presence::kOptional, FieldPath(path, "code"),
               violations);
  ValidateOptionalDate(credential.evidence_date(), FieldPath(path, "evidence_date"), violations);
}

void ValidateStyle(const matcher::Catalog& catalog, const therapist::v1::Therapist& therapist,
                   const FieldPath& path, runtime::Violations& violations) {
  if (therapist.style_size() > kMaxStyleDimensions) {
    return violations.Add(path, absl::StrCat("must have at most ", kMaxStyleDimensions, " entries"));
  }
  Seen<absl::string_view> seen;
  for (int i = 0; i < therapist.style_size(); ++i) {
    const therapist::v1::StyleRating& rating = therapist.style(i);
    const FieldPath entry(path, i);
    if (!seen.Insert(rating.dimension())) {
      violations.Add(FieldPath(entry, "dimension"), "is in the list already");
    } else {
      ValidateWord(catalog, kStyleDimensions, rating.dimension(), FieldPath(entry, "dimension"), violations);
    }
    ValidateRange(rating.value(), -1, 1, FieldPath(entry, "value"), violations);
  }
}

}  // namespace

void ValidateAttributes(const matcher::Catalog& catalog,
                        const google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue>& attributes,
                        const FieldPath& path, runtime::Violations& violations) {
  if (attributes.size() > kMaxAttributes) {
    return violations.Add(path, absl::StrCat("must have at most ", kMaxAttributes, " entries"));
  }
  Seen<absl::string_view> seen;
  for (int i = 0; i < attributes.size(); ++i) {
    const FieldPath entry(path, i);
    if (!seen.Insert(attributes[i].attribute())) {
      violations.Add(FieldPath(entry, "attribute"), "is in the list already");
    } else {
      ValidateWord(catalog, kAttributes, attributes[i].attribute(), FieldPath(entry, "attribute"),
                   violations);
    }
    ValidateRange(attributes[i].value(), -kMaxAttributeValue, kMaxAttributeValue, FieldPath(entry, "value"),
                  violations);
  }
}

void ValidateTherapist(const matcher::Catalog& catalog, const therapist::v1::Therapist& therapist,
                       absl::Time now, const FieldPath& path, runtime::Violations& violations) {
  ValidateId(therapist.therapist_id(), FieldPath(path, "therapist_id"), violations);
  ValidateText(therapist.display_name(), kMaxDisplayNameLength, Presence::kRequired,
               FieldPath(path, "display_name"), violations);
  ValidateText(therapist.title(), kMaxTitleLength, Presence::kOptional, FieldPath(path, "title"), violations);

  const FieldPath credentials(path, "credentials");
  if (therapist.credentials_size() > kMaxCredentials) {
    violations.Add(credentials, absl::StrCat("must have at most ", kMaxCredentials, " entries"));
  } else {
    for (int i = 0; i < therapist.credentials_size(); ++i) {
      ValidateCredential(therapist.credentials(i), FieldPath(credentials, i), violations);
    }
  }

  const auto words = [&](const WordList& list, const google::protobuf::RepeatedPtrField<std::string>& ids,
                         int limit, absl::string_view field) {
    ValidateWords(catalog, list, ids, limit, FieldPath(path, field), violations);
  };
  words(kPayers, therapist.payers(), kMaxTherapistPayers, "payers");
  ValidateLanguages(therapist.languages(), kMaxTherapistLanguages, FieldPath(path, "languages"), violations);
  words(kAgeGroups, therapist.age_groups(), kMaxAgeGroups, "age_groups");
  words(kFormats, therapist.formats(), kMaxFormats, "formats");
  words(kModalities, therapist.modalities(), kMaxModalities, "modalities");
  if (therapist.has_place()) ValidatePlace(therapist.place(), FieldPath(path, "place"), violations);
  ValidateHours(therapist.hours(), therapist.time_zone(), path, violations);
  if (therapist.has_fee()) ValidateMoney(therapist.fee(), FieldPath(path, "fee"), violations);
  ValidateRange(therapist.seats(), 0, kMaxSeats, FieldPath(path, "seats"), violations);
  ValidateRange(therapist.wait_weeks(), 0, kMaxWaitWeeks, FieldPath(path, "wait_weeks"), violations);
  ValidatePastTimestamp(therapist.has_last_confirmed(), therapist.last_confirmed(), now,
                        FieldPath(path, "last_confirmed"), violations);
  words(kConcerns, therapist.concerns(), kMaxConcerns, "concerns");
  words(kConcerns, therapist.declined_concerns(), kMaxConcerns, "declined_concerns");
  const absl::flat_hash_set<absl::string_view> treated(therapist.concerns().begin(),
                                                       therapist.concerns().end());
  const FieldPath declined(path, "declined_concerns");
  for (int i = 0; i < therapist.declined_concerns_size(); ++i) {
    if (!treated.contains(therapist.declined_concerns(i))) continue;
    violations.Add(FieldPath(declined, i), "must not be among the concerns treated");
  }
  words(kApproaches, therapist.approaches(), kMaxApproaches, "approaches");
  words(kTags, therapist.tags(), kMaxTags, "tags");
  ValidateStyle(catalog, therapist, FieldPath(path, "style"), violations);
  ValidateAttributes(catalog, therapist.attributes(), FieldPath(path, "attributes"), violations);
  ValidateOptionalId(therapist.etag(), FieldPath(path, "etag"), violations);
}

}  // namespace rapport::contract
