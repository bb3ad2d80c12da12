// DirectoryService and MatcherService on gRPC: each handler hands its request to the business function of the
// same name.
#ifndef RAPPORT_SERVICES_MATCHER_SERVICE_H_
#define RAPPORT_SERVICES_MATCHER_SERVICE_H_

#include "rapport/catalog/v1/catalog.pb.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/matcher/advising.h"
#include "services/matcher/directory.h"
#include "services/matcher/learning.h"
#include "services/matcher/ranking.h"
#include "services/matcher/refitting.h"
#include "services/runtime/server_core.h"

namespace rapport::matcher_service {

// Raw handlers, so that bytes that do not parse get an error that says so (services/runtime/codec.h).
using DirectoryRpcs = directory::v1::DirectoryService;
using RawDirectoryService = DirectoryRpcs::WithRawCallbackMethod_UpsertTherapists<
    DirectoryRpcs::WithRawCallbackMethod_GetTherapist<DirectoryRpcs::WithRawCallbackMethod_ListTherapists<
        DirectoryRpcs::WithRawCallbackMethod_DeleteTherapist<
            DirectoryRpcs::WithRawCallbackMethod_ConfirmAvailability<
                DirectoryRpcs::WithRawCallbackMethod_ReserveSlot<
                    DirectoryRpcs::WithRawCallbackMethod_ReleaseSlot<
                        DirectoryRpcs::WithRawCallbackMethod_GetCatalog<DirectoryRpcs::Service>>>>>>>>;

using MatcherRpcs = matcher::v1::MatcherService;
using RawMatcherService =
    MatcherRpcs::WithRawCallbackMethod_RankTherapists<MatcherRpcs::WithRawCallbackMethod_ExplainMatch<
        MatcherRpcs::WithRawCallbackMethod_PredictFit<MatcherRpcs::WithRawCallbackMethod_AdviseNextStep<
            MatcherRpcs::WithRawCallbackMethod_RecordFit<MatcherRpcs::WithRawCallbackMethod_RecordReach<
                MatcherRpcs::WithRawCallbackMethod_RecordRisk<MatcherRpcs::WithRawCallbackMethod_GetModel<
                    MatcherRpcs::WithRawCallbackMethod_RefitModel<MatcherRpcs::Service>>>>>>>>>;

class DirectoryGrpc final : public RawDirectoryService {
 public:
  // All must outlive this.
  DirectoryGrpc(runtime::ServerCore& core, Directory& directory, const catalog::v1::Catalog& words)
      : core_(core), directory_(directory), words_(words) {}

  grpc::ServerReadReactor<grpc::ByteBuffer>* UpsertTherapists(grpc::CallbackServerContext* context,
                                                              grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* GetTherapist(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ListTherapists(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                           grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* DeleteTherapist(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                            grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ConfirmAvailability(grpc::CallbackServerContext* context,
                                                const grpc::ByteBuffer* in, grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ReserveSlot(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                        grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ReleaseSlot(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                        grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* GetCatalog(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                       grpc::ByteBuffer* out) override;

 private:
  runtime::ServerCore& core_;
  Directory& directory_;
  const catalog::v1::Catalog& words_;
};

class MatcherGrpc final : public RawMatcherService {
 public:
  // All must outlive this.
  MatcherGrpc(runtime::ServerCore& core, const Ranking& ranking, const Advising& advising, Learning& learning,
              Refitting& refitting)
      : core_(core), ranking_(ranking), advising_(advising), learning_(learning), refitting_(refitting) {}

  grpc::ServerUnaryReactor* RankTherapists(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                           grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ExplainMatch(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* PredictFit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                       grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* AdviseNextStep(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                           grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* RecordFit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                      grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* RecordReach(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                        grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* RecordRisk(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                       grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* GetModel(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                     grpc::ByteBuffer* out) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* RefitModel(grpc::CallbackServerContext* context,
                                                         const grpc::ByteBuffer* in) override;

 private:
  runtime::ServerCore& core_;
  const Ranking& ranking_;
  const Advising& advising_;
  Learning& learning_;
  Refitting& refitting_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_SERVICE_H_
