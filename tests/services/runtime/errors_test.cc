// Errors: what is attached comes out again, also after the wire, and nothing foreign leaks.
#include "services/runtime/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

TEST(Errors, SurviveTheWire) {
  Violations violations;
  violations.Add("name", "must be set");
  violations.Add("hours[3]", "must be below 168");
  const absl::Status sent = WithRetryAfter(violations.ToStatus(), absl::Milliseconds(1500));
  const absl::Status got = FromGrpc(ToGrpc(sent));
  EXPECT_EQ(got, sent);
  EXPECT_EQ(ReasonOf(got), kInvalidRequest);
  EXPECT_EQ(RetryAfterOf(got), absl::Milliseconds(1500));
  ASSERT_EQ(ViolationsOf(got).size(), 2u);
  EXPECT_EQ(ViolationsOf(got)[1].field_path, "hours[3]");
  EXPECT_EQ(ViolationsOf(got)[1].description, "must be below 168");
}

TEST(Errors, AreWhatStockClientsDecode) {
  const grpc::Status wire =
      ToGrpc(Error(absl::StatusCode::kNotFound, "NO_SUCH_THING", "no thing x", {{"id", "x"}}));
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::NOT_FOUND);
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(wire.error_details()));
  EXPECT_EQ(status.code(), 5);
  EXPECT_EQ(status.message(), "no thing x");
  google::rpc::ErrorInfo info;
  ASSERT_EQ(status.details_size(), 1);
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "NO_SUCH_THING");
  EXPECT_EQ(info.domain(), "rapport");
  EXPECT_EQ(info.metadata().at("id"), "x");
}

TEST(Errors, ForeignTextStaysInside) {
  for (const absl::Status& foreign :
       {absl::InternalError("password=hunter2"), absl::UnknownError("password=hunter2")}) {
    const grpc::Status wire = ToGrpc(foreign, "rpc_7");
    EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(wire.error_message(), "internal error, request id rpc_7");
    EXPECT_FALSE(absl::StrContains(wire.error_details(), "hunter2"));
    EXPECT_EQ(ReasonOf(FromGrpc(wire)), kInternal);
  }
  EXPECT_EQ(ToGrpc(Error(absl::StatusCode::kInternal, "MODEL_BROKEN", "said on purpose")).error_message(),
            "said on purpose");
}

TEST(Errors, OkIsOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_TRUE(WithRetryAfter(absl::OkStatus(), absl::Seconds(1)).ok());
  EXPECT_TRUE(Violations().ToStatus().ok());
}

TEST(Errors, DetailsThatDoNotParseAreDropped) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "try again", "\xff\xff not a status"));
  EXPECT_EQ(status, absl::AbortedError("try again"));
  EXPECT_EQ(ReasonOf(status), "");
}

TEST(Violations, SayWhereAFieldStands) {
  const FieldPath request("");
  const FieldPath languages(request, "languages");
  const FieldPath second(languages, 2);
  Violations violations;
  violations.Add(FieldPath(second, "code"), "unknown");
  violations.Add(second, "is a duplicate");
  violations.Add(request, "is too large");
  ASSERT_EQ(violations.items().size(), 3u);
  EXPECT_EQ(violations.items()[0].field_path, "languages[2].code");
  EXPECT_EQ(violations.items()[1].field_path, "languages[2]");
  EXPECT_EQ(violations.items()[2].field_path, "");
}

TEST(Violations, TooManyToListAreCountedAndFitIntoTrailers) {
  Violations violations;
  for (int i = 0; i < 1000; ++i) violations.Add(absl::StrCat("rows[", i, "].name"), std::string(300, 'x'));
  const grpc::Status wire = ToGrpc(violations.ToStatus());
  EXPECT_TRUE(absl::StartsWith(wire.error_message(), "1000 violations: rows[0].name: xxx"))
      << wire.error_message();
  EXPECT_EQ(wire.error_message().size(), kMaxErrorMessageLength);
  EXPECT_LT(wire.error_details().size(), 6u << 10);
  EXPECT_GT(ViolationsOf(FromGrpc(wire)).size(), 5u);
}

// Details are sent as base64; a stock client that counts what comes over the wire must get them, whole.
TEST(Violations, TheirWireFormFitsIntoTrailers) {
  for (const std::size_t length : {1u, 20u, 90u, 256u}) {
    Violations violations;
    for (int i = 0; i < 1000; ++i) violations.Add("a[9]", std::string(length, 'x'));
    const grpc::Status wire = ToGrpc(violations.ToStatus(), std::string(kMaxRequestIdLength, 'r'));
    EXPECT_LT(wire.error_details().size() * 4 / 3 + wire.error_message().size(), (8u << 10) - 512) << length;
  }
}

TEST(Violations, TheMessageTellsTheFirstOnes) {
  Violations violations;
  violations.Add("name", "must be set");
  EXPECT_EQ(violations.ToStatus().message(), "1 violation: name: must be set");
  for (size_t i = 0; i < kMaxViolationsInMessage; ++i) violations.Add("age", "must be positive");
  EXPECT_TRUE(absl::EndsWith(violations.ToStatus().message(), "; age: must be positive; and 1 more"));
}

TEST(Violations, CutBetweenCharacters) {
  Violations violations;
  violations.Add("name", absl::StrCat(std::string(kMaxViolationLength - 1, 'x'), "é"));
  EXPECT_EQ(violations.items()[0].description, std::string(kMaxViolationLength - 1, 'x'));
}

}  // namespace
}  // namespace rapport::runtime
