// Names of the RPCs that the matcher serves: for metrics and logs, and for the ledger of requests answered.
#ifndef RAPPORT_SERVICES_MATCHER_METHODS_H_
#define RAPPORT_SERVICES_MATCHER_METHODS_H_

#include "services/runtime/rpc.h"

namespace rapport::matcher_service {

inline constexpr char kDirectoryService[] = "rapport.directory.v1.DirectoryService";
inline constexpr char kMatcherService[] = "rapport.matcher.v1.MatcherService";

inline constexpr runtime::Method kUpsertTherapists{"rapport.directory.v1.DirectoryService/UpsertTherapists"};
inline constexpr runtime::Method kGetTherapist{"rapport.directory.v1.DirectoryService/GetTherapist"};
inline constexpr runtime::Method kListTherapists{"rapport.directory.v1.DirectoryService/ListTherapists"};
inline constexpr runtime::Method kDeleteTherapist{"rapport.directory.v1.DirectoryService/DeleteTherapist"};
inline constexpr runtime::Method kConfirmAvailability{
    "rapport.directory.v1.DirectoryService/ConfirmAvailability"};
inline constexpr runtime::Method kReserveSlot{"rapport.directory.v1.DirectoryService/ReserveSlot"};
inline constexpr runtime::Method kReleaseSlot{"rapport.directory.v1.DirectoryService/ReleaseSlot"};
inline constexpr runtime::Method kGetCatalog{"rapport.directory.v1.DirectoryService/GetCatalog"};

inline constexpr runtime::Method kRankTherapists{"rapport.matcher.v1.MatcherService/RankTherapists"};
inline constexpr runtime::Method kExplainMatch{"rapport.matcher.v1.MatcherService/ExplainMatch"};
inline constexpr runtime::Method kPredictFit{"rapport.matcher.v1.MatcherService/PredictFit"};
inline constexpr runtime::Method kAdviseNextStep{"rapport.matcher.v1.MatcherService/AdviseNextStep"};
inline constexpr runtime::Method kGetModel{"rapport.matcher.v1.MatcherService/GetModel"};
inline constexpr runtime::Method kRefitModel{"rapport.matcher.v1.MatcherService/RefitModel"};
inline constexpr runtime::Method kRecordFit{"rapport.matcher.v1.MatcherService/RecordFit"};
inline constexpr runtime::Method kRecordReach{"rapport.matcher.v1.MatcherService/RecordReach"};
inline constexpr runtime::Method kRecordRisk{"rapport.matcher.v1.MatcherService/RecordRisk"};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_METHODS_H_
