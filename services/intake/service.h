// IntakeService over gRPC: hands each RPC to its business function and wraps the answer. No decision is made
// here.
#ifndef RAPPORT_SERVICES_INTAKE_SERVICE_H_
#define RAPPORT_SERVICES_INTAKE_SERVICE_H_

#include "rapport/intake/v1/intake.grpc.pb.h"
#include "services/intake/commands.h"
#include "services/intake/queries.h"
#include "services/runtime/server_core.h"

namespace rapport::intake {

namespace internal {
using Base = v1::IntakeService::Service;
using Writes1 = v1::IntakeService::WithRawCallbackMethod_CreateReferral<
    v1::IntakeService::WithRawCallbackMethod_UpdateNeeds<
        v1::IntakeService::WithRawCallbackMethod_SubmitReferral<Base>>>;
using Writes2 = v1::IntakeService::WithRawCallbackMethod_ChooseTherapist<
    v1::IntakeService::WithRawCallbackMethod_RespondToOffer<
        v1::IntakeService::WithRawCallbackMethod_StartTherapy<Writes1>>>;
using Writes = v1::IntakeService::WithRawCallbackMethod_TryAnother<
    v1::IntakeService::WithRawCallbackMethod_CloseReferral<Writes2>>;
// All methods of the contract, raw: see services/runtime/unary.h.
using RawIntakeService = v1::IntakeService::WithRawCallbackMethod_GetReferral<
    v1::IntakeService::WithRawCallbackMethod_ListReferrals<
        v1::IntakeService::WithRawCallbackMethod_WatchReferral<Writes>>>;
}  // namespace internal

// Thread-safe. Must outlive the server that it is registered with.
class Service final : public internal::RawIntakeService {
 public:
  // Borrowed; each must outlive this.
  Service(runtime::ServerCore& core, Commands& commands, Queries& queries)
      : core_(core), commands_(commands), queries_(queries) {}

  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;

  grpc::ServerUnaryReactor* CreateReferral(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* GetReferral(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* ListReferrals(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* UpdateNeeds(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* SubmitReferral(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* ChooseTherapist(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* RespondToOffer(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* StartTherapy(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* TryAnother(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerUnaryReactor* CloseReferral(Context* context, const Bytes* in, Bytes* out) override;
  grpc::ServerWriteReactor<Bytes>* WatchReferral(Context* context, const Bytes* in) override;

 private:
  runtime::ServerCore& core_;
  Commands& commands_;
  Queries& queries_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_SERVICE_H_
