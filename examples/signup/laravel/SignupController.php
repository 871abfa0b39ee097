<?php

namespace App\Http\Controllers;

use Illuminate\Database\QueryException;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Validation\ValidationException;

/**
 * Gives a tenant that a fleet keeps ready to a new customer.
 *
 * The connection `landlord` of config/database.php logs in as the account that may
 * call the procedure and read the directory, with the landlord database as its
 * database.
 */
class SignupController extends Controller
{
    public function store(Request $request)
    {
        $data = $request->validate(['slug' => 'required|string', 'name' => 'required|string|max:255']);

        try {
            $rows = DB::connection('landlord')->select(
                'CALL claim_tenant(?, ?, ?)',
                [$data['slug'], $data['name'], json_encode(['plan' => 'free'])],
            );
        } catch (QueryException $e) {
            // 45000: the procedure has refused, in words for people.
            if ($e->getCode() === '45000') {
                throw ValidationException::withMessages(['slug' => $e->errorInfo[2]]);
            }
            throw $e;
        }

        self::connectTo($rows[0]);

        return redirect()->route('welcome', ['tenant' => $data['slug']]);
    }

    /** Points the connection `tenant` at the database of a customer. */
    public static function connectTo(object $tenant): void
    {
        config([
            'database.connections.tenant.host' => $tenant->host,
            'database.connections.tenant.port' => $tenant->port,
            'database.connections.tenant.database' => $tenant->database,
        ]);
        DB::purge('tenant');
    }

    /** Where the tenant of a customer is, for a middleware that knows its slug. */
    public static function find(string $slug): ?object
    {
        return DB::connection('landlord')->table('tenant_directory')
            ->where('slug', $slug)->where('status', 'active')
            ->first(['slug', 'database', 'host', 'port']);
    }
}
