#include "services/matcher/service.h"

#include <memory>

#include "services/matcher/methods.h"
#include "services/matcher/upsert_stream.h"
#include "services/runtime/client_stream.h"
#include "services/runtime/unary.h"

namespace rapport::matcher_service {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::Call;
using runtime::Unary;
using runtime::UnaryInto;

grpc::ServerReadReactor<ByteBuffer>* DirectoryGrpc::UpsertTherapists(CallbackServerContext* context,
                                                                     ByteBuffer* out) {
  return runtime::ClientStream<directory::v1::UpsertTherapistsRequest,
                               directory::v1::UpsertTherapistsResponse>(
      core_, kUpsertTherapists, context, out, std::make_shared<UpsertStream>(directory_));
}

ServerUnaryReactor* DirectoryGrpc::GetTherapist(CallbackServerContext* context, const ByteBuffer* in,
                                                ByteBuffer* out) {
  return Unary<directory::v1::GetTherapistRequest, directory::v1::GetTherapistResponse>(
      core_, kGetTherapist, context, in, out,
      [this](const Call& call, const auto& request) { return directory_.Get(call, request); });
}

ServerUnaryReactor* DirectoryGrpc::ListTherapists(CallbackServerContext* context, const ByteBuffer* in,
                                                  ByteBuffer* out) {
  return Unary<directory::v1::ListTherapistsRequest, directory::v1::ListTherapistsResponse>(
      core_, kListTherapists, context, in, out,
      [this](const Call& call, const auto& request) { return directory_.List(call, request); });
}

ServerUnaryReactor* DirectoryGrpc::DeleteTherapist(CallbackServerContext* context, const ByteBuffer* in,
                                                   ByteBuffer* out) {
  return Unary<directory::v1::DeleteTherapistRequest, directory::v1::DeleteTherapistResponse>(
      core_, kDeleteTherapist, context, in, out,
      [this](const Call& call, const auto& request) { return directory_.Delete(call, request); });
}

ServerUnaryReactor* DirectoryGrpc::ConfirmAvailability(CallbackServerContext* context, const ByteBuffer* in,
                                                       ByteBuffer* out) {
  return Unary<directory::v1::ConfirmAvailabilityRequest, directory::v1::ConfirmAvailabilityResponse>(
      core_, kConfirmAvailability, context, in, out,
      [this](const Call& call, const auto& request) { return directory_.Confirm(call, request); });
}

ServerUnaryReactor* DirectoryGrpc::ReserveSlot(CallbackServerContext* context, const ByteBuffer* in,
                                               ByteBuffer* out) {
  return Unary<directory::v1::ReserveSlotRequest, directory::v1::ReserveSlotResponse>(
      core_, kReserveSlot, context, in, out,
      [this](const Call& call, const auto& request) { return directory_.Reserve(call, request); });
}

ServerUnaryReactor* DirectoryGrpc::ReleaseSlot(CallbackServerContext* context, const ByteBuffer* in,
                                               ByteBuffer* out) {
  return Unary<directory::v1::ReleaseSlotRequest, directory::v1::ReleaseSlotResponse>(
      core_, kReleaseSlot, context, in, out,
      [this](const Call& call, const auto& request) { return directory_.Release(call, request); });
}

ServerUnaryReactor* DirectoryGrpc::GetCatalog(CallbackServerContext* context, const ByteBuffer* in,
                                              ByteBuffer* out) {
  return Unary<directory::v1::GetCatalogRequest, directory::v1::GetCatalogResponse>(
      core_, kGetCatalog, context, in, out,
      [this](const Call&,
             const directory::v1::GetCatalogRequest&) -> absl::StatusOr<directory::v1::GetCatalogResponse> {
        directory::v1::GetCatalogResponse response;
        *response.mutable_catalog() = words_;
        return response;
      });
}

ServerUnaryReactor* MatcherGrpc::RankTherapists(CallbackServerContext* context, const ByteBuffer* in,
                                                ByteBuffer* out) {
  return UnaryInto<matcher::v1::RankTherapistsRequest>(
      core_, kRankTherapists, context, in, out,
      [this](const Call& call, const auto& request, runtime::MessageWriter& answer) {
        return ranking_.Rank(call, request, answer);
      });
}

ServerUnaryReactor* MatcherGrpc::ExplainMatch(CallbackServerContext* context, const ByteBuffer* in,
                                              ByteBuffer* out) {
  return Unary<matcher::v1::ExplainMatchRequest, matcher::v1::ExplainMatchResponse>(
      core_, kExplainMatch, context, in, out,
      [this](const Call& call, const auto& request) { return ranking_.Explain(call, request); });
}

ServerUnaryReactor* MatcherGrpc::PredictFit(CallbackServerContext* context, const ByteBuffer* in,
                                            ByteBuffer* out) {
  return Unary<matcher::v1::PredictFitRequest, matcher::v1::PredictFitResponse>(
      core_, kPredictFit, context, in, out,
      [this](const Call& call, const auto& request) { return ranking_.Predict(call, request); });
}

ServerUnaryReactor* MatcherGrpc::AdviseNextStep(CallbackServerContext* context, const ByteBuffer* in,
                                                ByteBuffer* out) {
  return Unary<matcher::v1::AdviseNextStepRequest, matcher::v1::AdviseNextStepResponse>(
      core_, kAdviseNextStep, context, in, out,
      [this](const Call& call, const auto& request) { return advising_.Advise(call, request); });
}

ServerUnaryReactor* MatcherGrpc::RecordFit(CallbackServerContext* context, const ByteBuffer* in,
                                           ByteBuffer* out) {
  return Unary<matcher::v1::RecordFitRequest, matcher::v1::RecordFitResponse>(
      core_, kRecordFit, context, in, out,
      [this](const Call& call, const auto& request) { return learning_.RecordFit(call, request); });
}

ServerUnaryReactor* MatcherGrpc::RecordReach(CallbackServerContext* context, const ByteBuffer* in,
                                             ByteBuffer* out) {
  return Unary<matcher::v1::RecordReachRequest, matcher::v1::RecordReachResponse>(
      core_, kRecordReach, context, in, out,
      [this](const Call& call, const auto& request) { return learning_.RecordReach(call, request); });
}

ServerUnaryReactor* MatcherGrpc::RecordRisk(CallbackServerContext* context, const ByteBuffer* in,
                                            ByteBuffer* out) {
  return Unary<matcher::v1::RecordRiskRequest, matcher::v1::RecordRiskResponse>(
      core_, kRecordRisk, context, in, out,
      [this](const Call& call, const auto& request) { return learning_.RecordRisk(call, request); });
}

ServerUnaryReactor* MatcherGrpc::GetModel(CallbackServerContext* context, const ByteBuffer* in,
                                          ByteBuffer* out) {
  return Unary<matcher::v1::GetModelRequest, matcher::v1::GetModelResponse>(
      core_, kGetModel, context, in, out,
      [this](const Call& call, const auto& request) { return refitting_.Get(call, request); });
}

grpc::ServerWriteReactor<ByteBuffer>* MatcherGrpc::RefitModel(CallbackServerContext* context,
                                                              const ByteBuffer* in) {
  return runtime::ServerStream<matcher::v1::RefitModelRequest, matcher::v1::RefitModelResponse>(
      core_, kRefitModel, context, in, [this](const Call& call, const auto& request, RefitWriter writer) {
        return refitting_.Start(call, request, std::move(writer));
      });
}

}  // namespace rapport::matcher_service
