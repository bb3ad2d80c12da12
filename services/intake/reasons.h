// The reasons in errors of intake, and those of the matcher that mean something to intake.
#ifndef RAPPORT_SERVICES_INTAKE_REASONS_H_
#define RAPPORT_SERVICES_INTAKE_REASONS_H_

namespace rapport::intake {

inline constexpr char kUnknownReferral[] = "UNKNOWN_REFERRAL";   // NOT_FOUND: none of this network
inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";         // ABORTED: read it again
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";  // ALREADY_EXISTS: other content before
inline constexpr char kIllegalTransition[] =
    "ILLEGAL_TRANSITION";                                        // FAILED_PRECONDITION: lists the legal calls
inline constexpr char kNotOnShortlist[] = "NOT_ON_SHORTLIST";    // FAILED_PRECONDITION
inline constexpr char kTooManyAttempts[] = "TOO_MANY_ATTEMPTS";  // RESOURCE_EXHAUSTED: see limits.h
inline constexpr char kTooManyWatchers[] = "TOO_MANY_WATCHERS";  // RESOURCE_EXHAUSTED: see limits.h
inline constexpr char kMatcherAway[] = "MATCHER_AWAY";           // UNAVAILABLE: the referral is as it was
inline constexpr char kNeedsOutdated[] =
    "NEEDS_OUTDATED";  // FAILED_PRECONDITION: they name words that the catalog has no longer
// FAILED_PRECONDITION, also the matcher's:
inline constexpr char kNoFreeSeat[] = "NO_FREE_SEAT";
inline constexpr char kReservationEnded[] = "RESERVATION_ENDED";
inline constexpr char kNeedsTriage[] = "NEEDS_TRIAGE";
inline constexpr char kNoLongerFits[] = "NO_LONGER_FITS";
// NOT_FOUND, the matcher's:
inline constexpr char kUnknownTherapist[] = "UNKNOWN_THERAPIST";

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_REASONS_H_
