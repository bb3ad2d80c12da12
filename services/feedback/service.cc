// See service.h.
#include "services/feedback/service.h"

#include "services/feedback/methods.h"
#include "services/runtime/unary.h"

namespace rapport::feedback {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using runtime::Call;
using runtime::Unary;

}  // namespace

ServerUnaryReactor* Service::RecordFitCheck(CallbackServerContext* context, const ByteBuffer* in,
                                            ByteBuffer* out) {
  return Unary<v1::RecordFitCheckRequest, v1::RecordFitCheckResponse>(
      core_, kRecordFitCheck, context, in, out,
      [this](const Call& call, const auto& request) { return commands_.RecordFitCheck(call, request); });
}

ServerUnaryReactor* Service::RecordInstrument(CallbackServerContext* context, const ByteBuffer* in,
                                              ByteBuffer* out) {
  return Unary<v1::RecordInstrumentRequest, v1::RecordInstrumentResponse>(
      core_, kRecordInstrument, context, in, out,
      [this](const Call& call, const auto& request) { return commands_.RecordInstrument(call, request); });
}

ServerUnaryReactor* Service::ListFeedback(CallbackServerContext* context, const ByteBuffer* in,
                                          ByteBuffer* out) {
  return Unary<v1::ListFeedbackRequest, v1::ListFeedbackResponse>(
      core_, kListFeedback, context, in, out,
      [this](const Call& call, const auto& request) { return commands_.ListFeedback(call, request); });
}

}  // namespace rapport::feedback
