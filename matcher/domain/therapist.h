// A therapist's profile, and the therapist as the directory holds them: with seats taken and offers answered.
#ifndef RAPPORT_MATCHER_DOMAIN_THERAPIST_H_
#define RAPPORT_MATCHER_DOMAIN_THERAPIST_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "matcher/domain/week.h"
#include "matcher/domain/words.h"

namespace rapport::matcher {

enum class CredentialKind { kLicence = 1, kCompactPrivilege = 2, kTelehealthRegistration = 3 };

// A dated right to treat clients who sit in `region`.
struct Credential {
  std::string region;  // ISO 3166-2
  CredentialKind kind = CredentialKind::kLicence;
  bool active = true;
  std::optional<absl::CivilDay> valid_from;   // none: since ever
  std::optional<absl::CivilDay> valid_until;  // none: no end known
  std::string code;
  std::optional<absl::CivilDay> evidence_date;

  // True when it gives the right on `day`, both ends included.
  bool ValidOn(absl::CivilDay day) const {
    return active && (!valid_from || *valid_from <= day) && (!valid_until || day <= *valid_until);
  }
};

// Degrees; both or neither.
struct Coordinates {
  double latitude = 0;
  double longitude = 0;
};

struct Place {
  std::string region;  // ISO 3166-2
  std::string city;
  std::optional<Coordinates> coordinates;
};

struct Money {
  std::string currency;  // ISO 4217
  std::int64_t minor_units = 0;
};

// A number about a person: which of the catalog's attributes, and its value on the attribute's own scale.
struct AttributeValue {
  int attribute = 0;
  double value = 0;
};

// A profile. It has no field by which anybody could pay for rank.
struct Therapist {
  std::string id;
  std::string display_name;
  std::string title;
  bool invented = false;
  std::vector<Credential> credentials;
  WordSet payers;
  std::vector<std::string> languages;  // BCP 47, sorted
  WordSet age_groups;
  WordSet formats;
  WordSet modalities;
  std::optional<Place> place;
  WeekHours hours;
  std::optional<absl::TimeZone> time_zone;  // set where hours are
  std::optional<Money> fee;
  int seats = 0;
  double wait_weeks = 0;
  absl::Time last_confirmed = absl::InfinitePast();
  WordSet concerns;
  WordSet declined_concerns;
  WordSet approaches;
  WordSet tags;
  std::vector<std::optional<double>> style;  // one for each style dimension, -1 to 1; none: not said
  std::vector<AttributeValue> attributes;    // each at most once
};

// A seat taken for a client. Settled: the therapist took the client, and it is kept until released.
struct Reservation {
  std::string id;
  std::string client_id;
  absl::Time expires_at;
  bool settled = false;

  bool HoldsAt(absl::Time now) const { return settled || now < expires_at; }
};

// What became of offers to a therapist.
struct OfferCounts {
  int accepted = 0;
  int declined = 0;
  int unanswered = 0;
};

// A therapist as the directory holds them. Immutable: a change makes another.
struct Listing {
  std::shared_ptr<const Therapist> therapist;
  std::int64_t changed_at = 0;  // log position of the last change; the profile's etag
  absl::Time last_confirmed;    // newest of the profile's own, confirmations and answers to offers
  std::vector<Reservation> reservations;
  OfferCounts offers;

  // Seats free at `now`, never below 0. O(reservations).
  int SeatsFree(absl::Time now) const {
    int taken = 0;
    for (const Reservation& reservation : reservations) taken += reservation.HoldsAt(now);
    return taken < therapist->seats ? therapist->seats - taken : 0;
  }
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_THERAPIST_H_
