// FeedbackService on gRPC: each handler hands its request to the business function of the same name.
#ifndef RAPPORT_SERVICES_FEEDBACK_SERVICE_H_
#define RAPPORT_SERVICES_FEEDBACK_SERVICE_H_

#include "rapport/feedback/v1/feedback.grpc.pb.h"
#include "services/feedback/commands.h"
#include "services/runtime/server_core.h"

namespace rapport::feedback {

// Raw handlers, so that bytes that do not parse get an error that says so (services/runtime/codec.h).
using RawFeedbackService = v1::FeedbackService::WithRawCallbackMethod_RecordFitCheck<
    v1::FeedbackService::WithRawCallbackMethod_RecordInstrument<
        v1::FeedbackService::WithRawCallbackMethod_ListFeedback<v1::FeedbackService::Service>>>;

class Service final : public RawFeedbackService {
 public:
  // Both must outlive this.
  Service(runtime::ServerCore& core, Commands& commands) : core_(core), commands_(commands) {}

  grpc::ServerUnaryReactor* RecordFitCheck(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                           grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* RecordInstrument(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                             grpc::ByteBuffer* out) override;
  grpc::ServerUnaryReactor* ListFeedback(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                         grpc::ByteBuffer* out) override;

 private:
  runtime::ServerCore& core_;
  Commands& commands_;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_SERVICE_H_
