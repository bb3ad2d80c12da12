// Why the matcher refuses: the reasons of its ErrorInfos, beside those of the runtime
// (services/runtime/errors.h).
#ifndef RAPPORT_SERVICES_MATCHER_REASONS_H_
#define RAPPORT_SERVICES_MATCHER_REASONS_H_

namespace rapport::matcher_service {

inline constexpr char kUnknownTherapist[] = "UNKNOWN_THERAPIST";      // NOT_FOUND
inline constexpr char kUnknownReservation[] = "UNKNOWN_RESERVATION";  // NOT_FOUND
inline constexpr char kNoFreeSeat[] = "NO_FREE_SEAT";                 // FAILED_PRECONDITION
inline constexpr char kReservationEnded[] =
    "RESERVATION_ENDED";                                   // FAILED_PRECONDITION: too late, or settled before
inline constexpr char kNoLongerFits[] = "NO_LONGER_FITS";  // FAILED_PRECONDITION: a rule fails by now
inline constexpr char kNeedsTriage[] = "NEEDS_TRIAGE";     // FAILED_PRECONDITION: acute risk is never ranked
inline constexpr char kNeedsUnknown[] = "NEEDS_UNKNOWN";   // FAILED_PRECONDITION: send them with the request
inline constexpr char kBehind[] = "BEHIND";               // FAILED_PRECONDITION: see min_as_of, and RetryInfo
inline constexpr char kEtagMismatch[] = "ETAG_MISMATCH";  // ABORTED: read again, decide again
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";  // ALREADY_EXISTS: same id, other content
inline constexpr char kFitCheckChanged[] = "FIT_CHECK_CHANGED";  // ALREADY_EXISTS: same id, other content
inline constexpr char kUnknownModel[] = "UNKNOWN_MODEL";         // NOT_FOUND
inline constexpr char kTooLittleData[] = "TOO_LITTLE_DATA";      // FAILED_PRECONDITION
inline constexpr char kModelNotBetter[] = "MODEL_NOT_BETTER";    // FAILED_PRECONDITION
inline constexpr char kAnotherCatalog[] = "ANOTHER_CATALOG";     // FAILED_PRECONDITION
inline constexpr char kRefitRunning[] = "REFIT_RUNNING";         // FAILED_PRECONDITION: one at a time
inline constexpr char kModelChanged[] = "MODEL_CHANGED";         // ABORTED: look at it, decide again
inline constexpr char kTooManyRows[] = "TOO_MANY_ROWS";          // RESOURCE_EXHAUSTED

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_REASONS_H_
