// The schema of intake's database, step by step.
#ifndef RAPPORT_SERVICES_INTAKE_MIGRATIONS_H_
#define RAPPORT_SERVICES_INTAKE_MIGRATIONS_H_

#include "absl/types/span.h"
#include "services/storage/migrations.h"

namespace rapport::intake {

// The component's name in schema_version.
inline constexpr char kComponent[] = "intake";

// Every step, in order. A released step is never edited again.
absl::Span<const storage::Migration> Migrations();

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_MIGRATIONS_H_
